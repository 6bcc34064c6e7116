# fuzz targets and their corpora, replayed by make check

# What Pharos is built with and tested with, as Debian 12 names it; sourced by
# ./test and ./demo. Nothing that is there already is touched.
packages_folder=$PWD/packaging
packages_unpacked=$PWD/build/unpacked
packages_build='autoconf automake libtool pkg-config gcc make libc6-dev
	libevent-dev libssl-dev libcurl4-openssl-dev libjson-c-dev libyajl-dev
	libyaml-dev libsqlite3-dev libzstd-dev librrd-dev libcap-dev'
packages_demo='python3 iproute2 procps'
packages_test="$packages_demo libcmocka-dev python3-pytest python3-pytest-xdist
	python3-yaml python3-cryptography libcap2-bin mandoc clang-format universal-ctags rrdtool sqlite3
	bird2 chrony frr gpsd nftables openvpn wireguard-go wireguard-tools
	zstd curl openssl chromium fonts-dejavu-core fonts-noto-cjk git binutils"

# Those with services, and their names: labs start the programs themselves, in
# networks of their own, and nothing of them is to run on the machine.
packages_services='bird2=bird chrony=chrony frr=frr gpsd=gpsd openvpn=openvpn'

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# Installs those of the named packages that are missing, and npm, which the pages
# are built with, where no npm is in the PATH. What has services neither starts
# them nor has them start with the machine; files in /etc stay as they are.
packages_install() {
	local missing='' services='' name
	for name in "$@"; do
		packages_there "$name" || packages_unwelcome "$name" ||
			missing="$missing $name"
	done
	for name in $packages_services; do
		case " $missing " in
		*" ${name%=*} "*) services="$services ${name#*=}" ;;
		esac
	done
	command -v npm >/dev/null || missing="$missing nodejs npm"
	if [ -n "$missing" ]; then
		echo "installing:$missing"
		as_root apt-get update -qq &&
			as_root sh "$packages_folder/install.sh" "$services" \
				$missing || return 1
	fi
	case " $* " in
	*' chrony '*) packages_there chrony || packages_unpack chrony chronyd ;;
	esac
}

# A package's programs alone, at the end of the PATH. What they are linked with is
# on any Debian.
packages_unpack() { # package, program
	PATH=$PATH:$packages_unpacked/usr/sbin
	! command -v "$2" >/dev/null || return 0
	echo "unpacking: $1"
	mkdir -p "$packages_unpacked" && as_root apt-get update -qq &&
		(cd "$packages_unpacked" &&
			apt-get -qq -o APT::Sandbox::User=root download "$1" &&
			dpkg -x "$1"_*.deb . && rm "$1"_*.deb)
}
# chrony would take the place of what keeps this machine's clock right: then it is
# unpacked, for the tests.
packages_unwelcome() {
	[ "$1" = chrony ] && { packages_there systemd-timesyncd ||
		packages_there ntpsec || packages_there openntpd; }
}
packages_there() {
	dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

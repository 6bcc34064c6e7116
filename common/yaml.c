/* SPDX-License-Identifier: BSD-2-Clause */
#include "common/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"
#include "common/memory.h"
#include "common/yaml_reader.h"

/* What libyaml says, in the words of people who write configuration. */
static const struct {
	const char *problem, *words;
} translations[] = {
    {"found character that cannot start any token",
	"this character cannot begin a value, expected quotes around it"},
    {"mapping values are not allowed in this context",
	"a ':' where no map can be, expected other indentation or quotes "
	"around the text"},
    {"could not find expected ':'",
	"a key without a value, expected \"KEY: VALUE\""},
    {"did not find expected key",
	"out of line, expected a key in the column of the others"},
    {"did not find expected '-' indicator",
	"out of line, expected \"- \" in the column of the others"},
    {"did not find expected ',' or ']'",
	"a list in [] goes on, expected ',' or ']'"},
    {"did not find expected ',' or '}'",
	"a map in {} goes on, expected ',' or '}'"},
};

static struct yml
place_of_offset(const struct reader *r, size_t offset)
{
	struct yml at = {.file = r->file, .line = 1, .column = 1};

	for (size_t i = 0; i < offset && i < r->length; i++) {
		unsigned char c = (unsigned char)r->text[i];

		if (c == '\n') {
			at.line++;
			at.column = 1;
		} else if ((c & 0xc0) != 0x80) {
			at.column++; /* not inside a character of UTF-8 */
		}
	}
	return (at);
}

static int
syntax_error(const struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	struct yml at = reader_place(r, &p->problem_mark);

	if (p->error == YAML_MEMORY_ERROR)
		return (error_set(r->err, "%s: out of memory", r->file));
	if (p->error == YAML_READER_ERROR) {
		at = place_of_offset(r, p->problem_offset);
		return (yml_error(
		    &at, r->err, "%s, expected UTF-8 text", p->problem));
	}
	for (size_t i = 0; i < sizeof(translations) / sizeof(*translations);
	     i++)
		if (strcmp(p->problem, translations[i].problem) == 0)
			return (yml_error(
			    &at, r->err, "%s", translations[i].words));
	return (yml_error(&at, r->err, "%s%s%s, expected valid YAML",
	    p->context != NULL ? p->context : "",
	    p->context != NULL ? ": " : "", p->problem));
}

struct yml
reader_place(const struct reader *r, const yaml_mark_t *mark)
{
	return ((struct yml){
	    .file = r->file,
	    .line = (int)mark->line + 1,
	    .column = (int)mark->column + 1,
	});
}

int
reader_next(struct reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event) == 0)
		return (syntax_error(r));
	return (0);
}

int
reader_refuse(
    const struct reader *r, const yaml_event_t *event, const char *what)
{
	struct yml at = reader_place(r, &event->start_mark);

	return (yml_error(&at, r->err, "%s", what));
}

static int
check_directives(const struct reader *r, const yaml_event_t *event)
{
	if (event->data.document_start.version_directive != NULL ||
	    event->data.document_start.tag_directives.start !=
		event->data.document_start.tag_directives.end)
		return (
		    reader_refuse(r, event, "a % directive, expected none"));
	return (0);
}

/* Behind the start of the document. */
static struct yml *
read_document(struct reader *r)
{
	struct yml *tree;
	yaml_event_t event;
	int status;

	if (reader_next(r, &event) != 0)
		return (NULL);
	tree = reader_tree(r, &event, 1);
	yaml_event_delete(&event);
	if (tree == NULL)
		return (NULL);
	status = reader_next(r, &event); /* its end */
	if (status == 0) {
		yaml_event_delete(&event);
		status = reader_next(r, &event);
	}
	if (status == 0) {
		if (event.type != YAML_STREAM_END_EVENT)
			status = reader_refuse(
			    r, &event, "a second document, expected one");
		yaml_event_delete(&event);
	}
	if (status == 0)
		return (tree);
	reader_free(tree);
	return (NULL);
}

static struct yml *
read_stream(struct reader *r)
{
	struct yml *tree = NULL;
	yaml_event_t event;
	int status = 0;

	if (reader_next(r, &event) != 0)
		return (NULL);
	yaml_event_delete(&event); /* the start of the stream */
	if (reader_next(r, &event) != 0)
		return (NULL);
	if (event.type == YAML_STREAM_END_EVENT) {
		tree = reader_node(r, &event, YML_SCALAR);
		tree->text = memory_text("");
	} else {
		status = check_directives(r, &event);
	}
	yaml_event_delete(&event);
	if (tree != NULL || status != 0)
		return (tree);
	return (read_document(r));
}

/* libyaml allows tabs in some places where they look like spaces. */
static int
check_tabs(const struct reader *r)
{
	bool indenting = true;
	struct yml at;

	for (size_t i = 0; i < r->length; i++) {
		if (indenting && r->text[i] == '\t') {
			at = place_of_offset(r, i);
			return (yml_error(&at, r->err,
			    "a tab in the indentation, expected spaces"));
		}
		if (r->text[i] == '\n' || r->text[i] == '\r')
			indenting = true;
		else if (r->text[i] != ' ')
			indenting = false;
	}
	return (0);
}

static struct yml *
parse(struct reader *r)
{
	struct yml *tree, start = {.file = r->file, .line = 1, .column = 1};

	if (r->length > YML_MOST)
		return (yml_error(&start, r->err,
			    "too large, expected at most %d MiB",
			    YML_MOST / 1024 / 1024),
		    NULL);
	if (check_tabs(r) != 0)
		return (NULL);
	if (yaml_parser_initialize(&r->parser) == 0)
		return (syntax_error(r), NULL);
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &r->parser, (const unsigned char *)r->text, r->length);
	tree = read_stream(r);
	yaml_parser_delete(&r->parser);
	return (tree);
}

struct yml *
yml_parse(const char *file, const char *text, size_t length, struct error *err)
{
	char *name = memory_text(file);
	struct reader r = {
	    .file = name, .text = text, .length = length, .err = err};
	struct yml *tree = parse(&r);

	if (tree == NULL)
		free(name);
	return (tree);
}

struct yml *
yml_read(const char *path, struct error *err)
{
	FILE *file = fopen(path, "re");
	struct yml *tree = NULL;
	char *text;
	size_t length;

	if (file == NULL)
		return (error_set(err, "%s: %m", path), NULL);
	/* one byte more, so that too large is seen */
	text = memory_new(YML_MOST + 1, 1);
	length = fread(text, 1, YML_MOST + 1, file);
	if (ferror(file))
		error_set(err, "%s: %m", path);
	else
		tree = yml_parse(path, text, length, err);
	free(text);
	fclose(file);
	return (tree);
}

void
yml_free(struct yml *tree)
{
	char *file;

	if (tree == NULL)
		return;
	file = (char *)tree->file;
	reader_free(tree);
	free(file);
}

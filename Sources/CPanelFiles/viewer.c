/* To add a file of the viewer: put it into viewer/, embed it here, and add it to the table below. */

#include "CPanelFiles.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

/* clang-format off */
static const unsigned char commands_js[] = {
#embed "viewer/commands.js"
};
static const unsigned char connection_js[] = {
#embed "viewer/connection.js"
};
/* Elements are made, and maps, marks and the icon look, as in the panel. */
static const unsigned char elements_js[] = {
#embed "files/elements.js"
};
static const unsigned char geometry_js[] = {
#embed "files/geometry.js"
};
static const unsigned char icon_svg[] = {
#embed "files/icon.svg"
};
static const unsigned char index_html[] = {
#embed "viewer/index.html"
};
static const unsigned char map_js[] = {
#embed "viewer/map.js"
};
/* The panel's form for commands has the same fields. */
static const unsigned char parameters_js[] = {
#embed "files/parameters.js"
};
static const unsigned char tables_js[] = {
#embed "viewer/tables.js"
};
static const unsigned char viewer_css[] = {
#embed "viewer/viewer.css"
};
static const unsigned char viewer_js[] = {
#embed "viewer/viewer.js"
};
static const unsigned char world_js[] = {
#embed "viewer/world.js"
};

#define FILE_ROW(name, bytes) {name, bytes, sizeof(bytes)}

static const panel_file files[] = {
    FILE_ROW("commands.js", commands_js),
    FILE_ROW("connection.js", connection_js),
    FILE_ROW("elements.js", elements_js),
    FILE_ROW("geometry.js", geometry_js),
    FILE_ROW("icon.svg", icon_svg),
    FILE_ROW("index.html", index_html),
    FILE_ROW("map.js", map_js),
    FILE_ROW("parameters.js", parameters_js),
    FILE_ROW("tables.js", tables_js),
    FILE_ROW("viewer.css", viewer_css),
    FILE_ROW("viewer.js", viewer_js),
    FILE_ROW("world.js", world_js),
};
/* clang-format on */

const int viewer_file_count = sizeof(files) / sizeof(files[0]);

panel_file viewer_file_at(int index) {
    return files[index];
}

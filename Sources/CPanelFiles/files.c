/* To add a file: put it into files/, embed it here, and add it to the table below. */

#include "CPanelFiles.h"

/* #embed is a part of C23, and clang takes it in C17 too. */
#pragma clang diagnostic ignored "-Wc23-extensions"

/* It would take the directives for code. */
/* clang-format off */
static const unsigned char alive_js[] = {
#embed "files/alive.js"
};
static const unsigned char api_js[] = {
#embed "files/api.js"
};
static const unsigned char dialogs_js[] = {
#embed "files/dialogs.js"
};
static const unsigned char entry_js[] = {
#embed "files/entry.js"
};
static const unsigned char files_css[] = {
#embed "files/files.css"
};
static const unsigned char files_js[] = {
#embed "files/files.js"
};
static const unsigned char forms_js[] = {
#embed "files/forms.js"
};
static const unsigned char geometry_js[] = {
#embed "files/geometry.js"
};
static const unsigned char icon_svg[] = {
#embed "files/icon.svg"
};
static const unsigned char maps_js[] = {
#embed "files/maps.js"
};
static const unsigned char panel_css[] = {
#embed "files/panel.css"
};
static const unsigned char panel_js[] = {
#embed "files/panel.js"
};
static const unsigned char parameters_js[] = {
#embed "files/parameters.js"
};
static const unsigned char play_css[] = {
#embed "files/play.css"
};
static const unsigned char play_js[] = {
#embed "files/play.js"
};
static const unsigned char times_js[] = {
#embed "files/times.js"
};

#define FILE_ROW(name, bytes) {name, bytes, sizeof(bytes)}

static const panel_file files[] = {
    FILE_ROW("alive.js", alive_js),
    FILE_ROW("api.js", api_js),
    FILE_ROW("dialogs.js", dialogs_js),
    FILE_ROW("entry.js", entry_js),
    FILE_ROW("files.css", files_css),
    FILE_ROW("files.js", files_js),
    FILE_ROW("forms.js", forms_js),
    FILE_ROW("geometry.js", geometry_js),
    FILE_ROW("icon.svg", icon_svg),
    FILE_ROW("maps.js", maps_js),
    FILE_ROW("panel.css", panel_css),
    FILE_ROW("panel.js", panel_js),
    FILE_ROW("parameters.js", parameters_js),
    FILE_ROW("play.css", play_css),
    FILE_ROW("play.js", play_js),
    FILE_ROW("times.js", times_js),
};
/* clang-format on */

const int panel_file_count = sizeof(files) / sizeof(files[0]);

panel_file panel_file_at(int index) {
    return files[index];
}

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
static const unsigned char editor_differences_js[] = {
#embed "files/editor-differences.js"
};
static const unsigned char editor_files_js[] = {
#embed "files/editor-files.js"
};
static const unsigned char editor_form_js[] = {
#embed "files/editor-form.js"
};
static const unsigned char editor_hints_js[] = {
#embed "files/editor-hints.js"
};
static const unsigned char editor_history_js[] = {
#embed "files/editor-history.js"
};
static const unsigned char editor_results_js[] = {
#embed "files/editor-results.js"
};
static const unsigned char editor_text_js[] = {
#embed "files/editor-text.js"
};
static const unsigned char editor_css[] = {
#embed "files/editor.css"
};
static const unsigned char editor_js[] = {
#embed "files/editor.js"
};
static const unsigned char elements_js[] = {
#embed "files/elements.js"
};
static const unsigned char entry_js[] = {
#embed "files/entry.js"
};
static const unsigned char forms_js[] = {
#embed "files/forms.js"
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
static const unsigned char reloads_js[] = {
#embed "files/reloads.js"
};
static const unsigned char times_js[] = {
#embed "files/times.js"
};

#define FILE_ROW(name, bytes) {name, bytes, sizeof(bytes)}

static const panel_file files[] = {
    FILE_ROW("alive.js", alive_js),
    FILE_ROW("api.js", api_js),
    FILE_ROW("dialogs.js", dialogs_js),
    FILE_ROW("editor-differences.js", editor_differences_js),
    FILE_ROW("editor-files.js", editor_files_js),
    FILE_ROW("editor-form.js", editor_form_js),
    FILE_ROW("editor-hints.js", editor_hints_js),
    FILE_ROW("editor-history.js", editor_history_js),
    FILE_ROW("editor-results.js", editor_results_js),
    FILE_ROW("editor-text.js", editor_text_js),
    FILE_ROW("editor.css", editor_css),
    FILE_ROW("editor.js", editor_js),
    FILE_ROW("elements.js", elements_js),
    FILE_ROW("entry.js", entry_js),
    FILE_ROW("forms.js", forms_js),
    FILE_ROW("icon.svg", icon_svg),
    FILE_ROW("maps.js", maps_js),
    FILE_ROW("panel.css", panel_css),
    FILE_ROW("panel.js", panel_js),
    FILE_ROW("reloads.js", reloads_js),
    FILE_ROW("times.js", times_js),
};
/* clang-format on */

const int panel_file_count = sizeof(files) / sizeof(files[0]);

panel_file panel_file_at(int index) {
    return files[index];
}

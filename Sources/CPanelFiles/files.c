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
static const unsigned char cost_chart_js[] = {
#embed "files/cost-chart.js"
};
static const unsigned char dialogs_js[] = {
#embed "files/dialogs.js"
};
static const unsigned char entry_js[] = {
#embed "files/entry.js"
};
static const unsigned char error_groups_js[] = {
#embed "files/error-groups.js"
};
static const unsigned char flame_graph_js[] = {
#embed "files/flame-graph.js"
};
static const unsigned char forms_js[] = {
#embed "files/forms.js"
};
static const unsigned char icon_svg[] = {
#embed "files/icon.svg"
};
static const unsigned char log_rows_js[] = {
#embed "files/log-rows.js"
};
static const unsigned char logs_css[] = {
#embed "files/logs.css"
};
static const unsigned char logs_js[] = {
#embed "files/logs.js"
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
static const unsigned char performance_css[] = {
#embed "files/performance.css"
};
static const unsigned char performance_js[] = {
#embed "files/performance.js"
};
static const unsigned char places_js[] = {
#embed "files/places.js"
};
static const unsigned char times_js[] = {
#embed "files/times.js"
};

#define FILE_ROW(name, bytes) {name, bytes, sizeof(bytes)}

static const panel_file files[] = {
    FILE_ROW("alive.js", alive_js),
    FILE_ROW("api.js", api_js),
    FILE_ROW("cost-chart.js", cost_chart_js),
    FILE_ROW("dialogs.js", dialogs_js),
    FILE_ROW("entry.js", entry_js),
    FILE_ROW("error-groups.js", error_groups_js),
    FILE_ROW("flame-graph.js", flame_graph_js),
    FILE_ROW("forms.js", forms_js),
    FILE_ROW("icon.svg", icon_svg),
    FILE_ROW("log-rows.js", log_rows_js),
    FILE_ROW("logs.css", logs_css),
    FILE_ROW("logs.js", logs_js),
    FILE_ROW("maps.js", maps_js),
    FILE_ROW("panel.css", panel_css),
    FILE_ROW("panel.js", panel_js),
    FILE_ROW("performance.css", performance_css),
    FILE_ROW("performance.js", performance_js),
    FILE_ROW("places.js", places_js),
    FILE_ROW("times.js", times_js),
};
/* clang-format on */

const int panel_file_count = sizeof(files) / sizeof(files[0]);

panel_file panel_file_at(int index) {
    return files[index];
}

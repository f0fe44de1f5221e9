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
static const unsigned char error_groups_js[] = {
#embed "files/error-groups.js"
};
static const unsigned char files_css[] = {
#embed "files/files.css"
};
static const unsigned char files_js[] = {
#embed "files/files.js"
};
static const unsigned char flame_graph_js[] = {
#embed "files/flame-graph.js"
};
static const unsigned char forms_js[] = {
#embed "files/forms.js"
};
static const unsigned char geometry_js[] = {
#embed "files/geometry.js"
};
static const unsigned char help_css[] = {
#embed "files/help.css"
};
static const unsigned char help_js[] = {
#embed "files/help.js"
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
static const unsigned char mapcharts_js[] = {
#embed "files/mapcharts.js"
};
static const unsigned char maps_css[] = {
#embed "files/maps.css"
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
static const unsigned char performance_css[] = {
#embed "files/performance.css"
};
static const unsigned char performance_js[] = {
#embed "files/performance.js"
};
static const unsigned char places_js[] = {
#embed "files/places.js"
};
static const unsigned char play_css[] = {
#embed "files/play.css"
};
static const unsigned char play_js[] = {
#embed "files/play.js"
};
static const unsigned char players_css[] = {
#embed "files/players.css"
};
static const unsigned char players_js[] = {
#embed "files/players.js"
};
static const unsigned char reloads_js[] = {
#embed "files/reloads.js"
};
static const unsigned char renewal_js[] = {
#embed "files/renewal.js"
};
static const unsigned char times_js[] = {
#embed "files/times.js"
};
static const unsigned char world_console_js[] = {
#embed "files/world-console.js"
};
static const unsigned char world_entity_js[] = {
#embed "files/world-entity.js"
};
static const unsigned char world_table_js[] = {
#embed "files/world-table.js"
};
static const unsigned char world_values_js[] = {
#embed "files/world-values.js"
};
static const unsigned char world_view_js[] = {
#embed "files/world-view.js"
};
static const unsigned char world_css[] = {
#embed "files/world.css"
};
static const unsigned char world_js[] = {
#embed "files/world.js"
};

#define FILE_ROW(name, bytes) {name, bytes, sizeof(bytes)}

static const panel_file files[] = {
    FILE_ROW("alive.js", alive_js),
    FILE_ROW("api.js", api_js),
    FILE_ROW("cost-chart.js", cost_chart_js),
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
    FILE_ROW("error-groups.js", error_groups_js),
    FILE_ROW("files.css", files_css),
    FILE_ROW("files.js", files_js),
    FILE_ROW("flame-graph.js", flame_graph_js),
    FILE_ROW("forms.js", forms_js),
    FILE_ROW("geometry.js", geometry_js),
    FILE_ROW("help.css", help_css),
    FILE_ROW("help.js", help_js),
    FILE_ROW("icon.svg", icon_svg),
    FILE_ROW("log-rows.js", log_rows_js),
    FILE_ROW("logs.css", logs_css),
    FILE_ROW("logs.js", logs_js),
    FILE_ROW("mapcharts.js", mapcharts_js),
    FILE_ROW("maps.css", maps_css),
    FILE_ROW("maps.js", maps_js),
    FILE_ROW("panel.css", panel_css),
    FILE_ROW("panel.js", panel_js),
    FILE_ROW("parameters.js", parameters_js),
    FILE_ROW("performance.css", performance_css),
    FILE_ROW("performance.js", performance_js),
    FILE_ROW("places.js", places_js),
    FILE_ROW("play.css", play_css),
    FILE_ROW("play.js", play_js),
    FILE_ROW("players.css", players_css),
    FILE_ROW("players.js", players_js),
    FILE_ROW("reloads.js", reloads_js),
    FILE_ROW("renewal.js", renewal_js),
    FILE_ROW("times.js", times_js),
    FILE_ROW("world-console.js", world_console_js),
    FILE_ROW("world-entity.js", world_entity_js),
    FILE_ROW("world-table.js", world_table_js),
    FILE_ROW("world-values.js", world_values_js),
    FILE_ROW("world-view.js", world_view_js),
    FILE_ROW("world.css", world_css),
    FILE_ROW("world.js", world_js),
};
/* clang-format on */

const int panel_file_count = sizeof(files) / sizeof(files[0]);

panel_file panel_file_at(int index) {
    return files[index];
}

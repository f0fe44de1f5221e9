/* To add a page to the help: embed it here, and add it to the table below, whose order is that of the list of pages.
 * Large pictures are left out; the help shows their description instead. */

#include "CHelpFiles.h"

/* #embed is a part of C23, and clang takes it in C17 too. */
#pragma clang diagnostic ignored "-Wc23-extensions"

/* It would take the directives for code. */
/* clang-format off */
static const unsigned char panel_start_md[] = {
#embed "../../docs/panel/start.md"
};
static const unsigned char panel_maps_md[] = {
#embed "../../docs/panel/maps.md"
};
static const unsigned char panel_world_md[] = {
#embed "../../docs/panel/world.md"
};
static const unsigned char panel_players_md[] = {
#embed "../../docs/panel/players.md"
};
static const unsigned char panel_logs_md[] = {
#embed "../../docs/panel/logs.md"
};
static const unsigned char panel_performance_md[] = {
#embed "../../docs/panel/performance.md"
};
static const unsigned char panel_editor_md[] = {
#embed "../../docs/panel/editor.md"
};
static const unsigned char panel_files_md[] = {
#embed "../../docs/panel/files.md"
};
static const unsigned char panel_play_md[] = {
#embed "../../docs/panel/play.md"
};
static const unsigned char panel_operators_md[] = {
#embed "../../docs/panel/operators.md"
};
static const unsigned char panel_audit_md[] = {
#embed "../../docs/panel/audit.md"
};
static const unsigned char panel_programs_md[] = {
#embed "../../docs/panel/programs.md"
};
static const unsigned char lua_tutorial_md[] = {
#embed "../../docs/lua/tutorial.md"
};
static const unsigned char lua_reference_md[] = {
#embed "../../docs/lua/reference.md"
};
static const unsigned char lua_recipes_md[] = {
#embed "../../docs/lua/recipes.md"
};
static const unsigned char lua_testing_md[] = {
#embed "../../docs/lua/testing.md"
};
static const unsigned char lua_sockets_md[] = {
#embed "../../docs/lua/sockets.md"
};
static const unsigned char game_folder_md[] = {
#embed "../../docs/game-folder.md"
};
static const unsigned char check_md[] = {
#embed "../../docs/check.md"
};
static const unsigned char replay_md[] = {
#embed "../../docs/replay.md"
};
static const unsigned char how_it_works_md[] = {
#embed "../../docs/how-it-works.md"
};
static const unsigned char protocol_md[] = {
#embed "../../docs/protocol.md"
};
static const unsigned char msgpack_md[] = {
#embed "../../docs/msgpack.md"
};
static const unsigned char socketio_md[] = {
#embed "../../docs/socketio.md"
};
static const unsigned char webrtc_md[] = {
#embed "../../docs/webrtc.md"
};
static const unsigned char net_md[] = {
#embed "../../docs/net.md"
};
static const unsigned char operator_api_md[] = {
#embed "../../docs/operator-api.md"
};
static const unsigned char postgresql_md[] = {
#embed "../../docs/postgresql.md"
};
static const unsigned char metrics_md[] = {
#embed "../../docs/metrics.md"
};
static const unsigned char performance_md[] = {
#embed "../../docs/performance.md"
};
static const unsigned char architecture_md[] = {
#embed "../../docs/architecture.md"
};
static const unsigned char requirements_md[] = {
#embed "../../docs/requirements.md"
};
static const unsigned char grafana_dashboard_json[] = {
#embed "../../docs/grafana-dashboard.json"
};
static const unsigned char images_coins_png[] = {
#embed "../../docs/images/coins.png"
};
static const unsigned char images_panel_editor_png[] = {
#embed "../../docs/images/panel-editor.png"
};
static const unsigned char images_panel_logs_png[] = {
#embed "../../docs/images/panel-logs.png"
};
static const unsigned char images_panel_performance_png[] = {
#embed "../../docs/images/panel-performance.png"
};
static const unsigned char images_panel_world_png[] = {
#embed "../../docs/images/panel-world.png"
};
static const unsigned char images_performance_npcs_svg[] = {
#embed "../../docs/images/performance-npcs.svg"
};
static const unsigned char images_performance_players_svg[] = {
#embed "../../docs/images/performance-players.svg"
};
static const unsigned char images_performance_view_svg[] = {
#embed "../../docs/images/performance-view.svg"
};

#define FILE_ROW(path, bytes) {path, bytes, sizeof(bytes)}

static const help_file files[] = {
    FILE_ROW("panel/start.md", panel_start_md),
    FILE_ROW("panel/maps.md", panel_maps_md),
    FILE_ROW("panel/world.md", panel_world_md),
    FILE_ROW("panel/players.md", panel_players_md),
    FILE_ROW("panel/logs.md", panel_logs_md),
    FILE_ROW("panel/performance.md", panel_performance_md),
    FILE_ROW("panel/editor.md", panel_editor_md),
    FILE_ROW("panel/files.md", panel_files_md),
    FILE_ROW("panel/play.md", panel_play_md),
    FILE_ROW("panel/operators.md", panel_operators_md),
    FILE_ROW("panel/audit.md", panel_audit_md),
    FILE_ROW("panel/programs.md", panel_programs_md),
    FILE_ROW("lua/tutorial.md", lua_tutorial_md),
    FILE_ROW("lua/reference.md", lua_reference_md),
    FILE_ROW("lua/recipes.md", lua_recipes_md),
    FILE_ROW("lua/testing.md", lua_testing_md),
    FILE_ROW("lua/sockets.md", lua_sockets_md),
    FILE_ROW("game-folder.md", game_folder_md),
    FILE_ROW("check.md", check_md),
    FILE_ROW("replay.md", replay_md),
    FILE_ROW("how-it-works.md", how_it_works_md),
    FILE_ROW("protocol.md", protocol_md),
    FILE_ROW("msgpack.md", msgpack_md),
    FILE_ROW("socketio.md", socketio_md),
    FILE_ROW("webrtc.md", webrtc_md),
    FILE_ROW("net.md", net_md),
    FILE_ROW("operator-api.md", operator_api_md),
    FILE_ROW("postgresql.md", postgresql_md),
    FILE_ROW("metrics.md", metrics_md),
    FILE_ROW("performance.md", performance_md),
    FILE_ROW("architecture.md", architecture_md),
    FILE_ROW("requirements.md", requirements_md),
    FILE_ROW("grafana-dashboard.json", grafana_dashboard_json),
    FILE_ROW("images/coins.png", images_coins_png),
    FILE_ROW("images/panel-editor.png", images_panel_editor_png),
    FILE_ROW("images/panel-logs.png", images_panel_logs_png),
    FILE_ROW("images/panel-performance.png", images_panel_performance_png),
    FILE_ROW("images/panel-world.png", images_panel_world_png),
    FILE_ROW("images/performance-npcs.svg", images_performance_npcs_svg),
    FILE_ROW("images/performance-players.svg", images_performance_players_svg),
    FILE_ROW("images/performance-view.svg", images_performance_view_svg),
};
/* clang-format on */

const int help_file_count = sizeof(files) / sizeof(files[0]);

help_file help_file_at(int index) {
    return files[index];
}

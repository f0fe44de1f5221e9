/* To add a file of /net/: put it into net/, embed it here, and add it to the table below. */

#include "CPanelFiles.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

/* clang-format off */
static const unsigned char addresses_js[] = {
#embed "net/addresses.js"
};
static const unsigned char entries_js[] = {
#embed "net/entries.js"
};
static const unsigned char errors_js[] = {
#embed "net/errors.js"
};
static const unsigned char game_connection_js[] = {
#embed "net/game-connection.js"
};
static const unsigned char icon_svg[] = {
#embed "files/icon.svg"
};
static const unsigned char index_html[] = {
#embed "net/index.html"
};
static const unsigned char lanes_js[] = {
#embed "net/lanes.js"
};
static const unsigned char link_js[] = {
#embed "net/link.js"
};
static const unsigned char links_js[] = {
#embed "net/links.js"
};
static const unsigned char network_js[] = {
#embed "net/network.js"
};
static const unsigned char packet_js[] = {
#embed "net/packet.js"
};
static const unsigned char perigee_net_js[] = {
#embed "net/perigee-net.js"
};
static const unsigned char port_js[] = {
#embed "net/port.js"
};
static const unsigned char ports_js[] = {
#embed "net/ports.js"
};
static const unsigned char positions_js[] = {
#embed "net/positions.js"
};
static const unsigned char servers_css[] = {
#embed "net/servers.css"
};
static const unsigned char servers_js[] = {
#embed "net/servers.js"
};
static const unsigned char signalling_js[] = {
#embed "net/signalling.js"
};

#define FILE_ROW(name, bytes) {name, bytes, sizeof(bytes)}

static const panel_file files[] = {
    FILE_ROW("addresses.js", addresses_js),
    FILE_ROW("entries.js", entries_js),
    FILE_ROW("errors.js", errors_js),
    FILE_ROW("game-connection.js", game_connection_js),
    FILE_ROW("icon.svg", icon_svg),
    FILE_ROW("index.html", index_html),
    FILE_ROW("lanes.js", lanes_js),
    FILE_ROW("link.js", link_js),
    FILE_ROW("links.js", links_js),
    FILE_ROW("network.js", network_js),
    FILE_ROW("packet.js", packet_js),
    FILE_ROW("perigee-net.js", perigee_net_js),
    FILE_ROW("port.js", port_js),
    FILE_ROW("ports.js", ports_js),
    FILE_ROW("positions.js", positions_js),
    FILE_ROW("servers.css", servers_css),
    FILE_ROW("servers.js", servers_js),
    FILE_ROW("signalling.js", signalling_js),
};
/* clang-format on */

const int net_file_count = sizeof(files) / sizeof(files[0]);

panel_file net_file_at(int index) {
    return files[index];
}

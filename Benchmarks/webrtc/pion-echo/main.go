// Data channels that send every message back, on Pion, for `perigee bench webrtc --against pion`.
//
// Listens on a free port of 127.0.0.1, prints it, and ends when its input ends. `POST /rtc/offer` answers an offer
// {"type":"offer","sdp":…}. `scripts/bootstrap bench-pion` installs Go and Pion as Debian has them, and builds this.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"

	"github.com/pion/ice/v2"
	"github.com/pion/webrtc/v3"
)

func fail(what string, err error) {
	fmt.Fprintf(os.Stderr, "pion-echo: %s: %v\n", what, err)
	os.Exit(1)
}

// All clients share one UDP socket on the loopback address, as they do in Perigee.
func newAPI() *webrtc.API {
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		fail("a UDP port on 127.0.0.1", err)
	}
	settings := webrtc.SettingEngine{}
	settings.SetLite(true)
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	settings.SetIPFilter(func(address net.IP) bool { return address.IsLoopback() })
	settings.SetICEUDPMux(webrtc.NewICEUDPMux(nil, socket))
	return webrtc.NewAPI(webrtc.WithSettingEngine(settings))
}

func answer(api *webrtc.API, offer webrtc.SessionDescription) (*webrtc.SessionDescription, error) {
	connection, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	connection.OnDataChannel(func(channel *webrtc.DataChannel) {
		channel.OnMessage(func(message webrtc.DataChannelMessage) {
			if message.IsString {
				_ = channel.SendText(string(message.Data))
			} else {
				_ = channel.Send(message.Data)
			}
		})
	})
	connection.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state == webrtc.PeerConnectionStateFailed || state == webrtc.PeerConnectionStateDisconnected {
			_ = connection.Close()
		}
	})
	if err := connection.SetRemoteDescription(offer); err != nil {
		return nil, err
	}
	gathered := webrtc.GatheringCompletePromise(connection)
	made, err := connection.CreateAnswer(nil)
	if err != nil {
		return nil, err
	}
	if err := connection.SetLocalDescription(made); err != nil {
		return nil, err
	}
	<-gathered
	return connection.LocalDescription(), nil
}

func main() {
	runtime.GOMAXPROCS(1) // one core, as all servers of the benchmark
	api := newAPI()
	http.HandleFunc("/rtc/offer", func(writer http.ResponseWriter, request *http.Request) {
		var offer webrtc.SessionDescription
		if err := json.NewDecoder(request.Body).Decode(&offer); err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		description, err := answer(api, offer)
		if err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(writer).Encode(description)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail("a TCP port on 127.0.0.1", err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fail("serving offers", http.Serve(listener, nil))
}

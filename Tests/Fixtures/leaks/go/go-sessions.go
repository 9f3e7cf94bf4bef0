// A daemon that keeps the sessions of its users in a map.
//
// Leak: a session that ends stays in the map.
// Fix: --fixed deletes it.
//
// Truth: grows yes
// Truth: kind chunk-size 1152
// Truth: content template /srv/sessions/user-
// Truth: holder go-sessions:main.sessions
// Truth: allocates main.login

package main

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

type session struct {
	number int
	path   [512]byte
	data   [512]byte
}

var sessions = map[int]*session{}
var cache = make([]byte, 4<<20)
var page []byte

//go:noinline
func login(number int) {
	s := &session{number: number}
	copy(s.path[:], fmt.Sprintf("/srv/sessions/user-%d/state.json", number))
	sessions[number] = s
	// What a request takes for itself, which the collector takes back.
	page = make([]byte, 24<<10)
}

func logout(number int, isFixed bool) {
	if isFixed {
		delete(sessions, number)
	}
}

func main() {
	isFixed := len(os.Args) > 1
	for i := 0; i < 5000; i++ {
		login(i)
	}
	fmt.Printf("process %d\nready\n", os.Getpid())
	go func() {
		os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	for i := 5000; i < 100000; i++ {
		login(i)
		logout(i, isFixed)
		time.Sleep(time.Millisecond)
		// Busy daemons collect several times a second; this one does, however slow the machine is.
		if i%200 == 0 {
			runtime.GC()
		}
	}
}

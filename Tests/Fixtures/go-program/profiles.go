//go:build !quiet
// +build !quiet

package main

import (
	"os"
	"runtime"
	"runtime/pprof"
)

func profile(kind, path string) {
	file, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	switch kind {
	case "goroutines":
		pprof.Lookup("goroutine").WriteTo(file, 2)
	case "sites":
		runtime.GC()
		pprof.Lookup("heap").WriteTo(file, 0)
	}
	file.Close()
}

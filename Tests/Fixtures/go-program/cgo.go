//go:build withcgo
// +build withcgo

package main

// #include <unistd.h>
import "C"

func inC() { C.sleep(3600) }

// A goroutine that is in C.
func init() { go inC() }

//go:build quiet
// +build quiet

// Without a package that makes profiles, the linker has the runtime keep none.
package main

func profile(kind, path string) {}

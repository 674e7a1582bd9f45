package main

import "testing"

func testPlaceStays(t *testing.T, b browser)    {}
func testTextStaysText(t *testing.T, b browser) {}
func testEmbed(t *testing.T, b browser)         {}
func testPrivacy(t *testing.T, b browser)       {}

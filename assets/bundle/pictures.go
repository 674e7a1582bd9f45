package main

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// The colors of css/tokens.css by daylight.
var (
	paper  = color.RGBA{0xfc, 0xfb, 0xf8, 0xff}
	ink    = color.RGBA{0x1a, 0x1c, 0x20, 0xff}
	soft   = color.RGBA{0x58, 0x5c, 0x64, 0xff}
	accent = color.RGBA{0xa6, 0x2b, 0x1f, 0xff}
)

// pictures draws what other sites show of ours: the card beside a shared link, and the logo.
func pictures() (map[string][]byte, error) {
	card := canvas(1200, 630)
	sign(card, 96, 214, 12)
	if err := write(card, gobold.TTF, 150, 330, 356, ink, "Readout"); err != nil {
		return nil, err
	}
	fill(card, image.Rect(96, 440, 1104, 446), ink)
	fill(card, image.Rect(96, 452, 1104, 454), ink)
	disc(card, 110, 517, 13, accent)
	if err := write(card, goregular.TTF, 44, 142, 532, soft, "Live from the negotiations"); err != nil {
		return nil, err
	}

	logo := canvas(512, 512)
	sign(logo, 106, 121, 18)
	touch := canvas(180, 180)
	sign(touch, 40, 45, 6)

	files := map[string][]byte{}
	for name, picture := range map[string]image.Image{"card.png": card, "logo.png": logo, "touch.png": touch} {
		var b bytes.Buffer
		if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, picture); err != nil {
			return nil, err
		}
		files[name] = b.Bytes()
	}
	return files, nil
}

func canvas(width, height int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	fill(m, m.Bounds(), paper)
	return m
}

func fill(m *image.RGBA, r image.Rectangle, c color.Color) {
	draw.Draw(m, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// sign is two accounts of one meeting, face to face; unit is the height of a line in pixels.
func sign(m *image.RGBA, x, y, unit int) {
	for row := range 4 {
		top := y + row*unit*5/2*2
		fill(m, image.Rect(x, top, x+6*unit, top+2*unit), ink)
		fill(m, image.Rect(x+11*unit, top, x+17*unit, top+2*unit), ink)
	}
	fill(m, image.Rect(x+15*unit/2, y, x+19*unit/2, y+17*unit), accent)
}

func disc(m *image.RGBA, x, y, radius int, c color.Color) {
	for dy := -radius; dy <= radius; dy++ {
		for dx := -radius; dx <= radius; dx++ {
			if dx*dx+dy*dy <= radius*radius {
				m.Set(x+dx, y+dy, c)
			}
		}
	}
}

func write(m *image.RGBA, face []byte, size float64, x, y int, c color.Color, text string) error {
	f, err := opentype.Parse(face)
	if err != nil {
		return err
	}
	drawn, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return err
	}
	d := font.Drawer{Dst: m, Src: image.NewUniform(c), Face: drawn, Dot: fixed.P(x, y)}
	d.DrawString(text)
	return drawn.Close()
}

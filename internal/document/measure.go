package document

import (
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// wider is how much wider than the Go font a reader's may be: DejaVu Sans Bold is the widest of those
// that browsers take for sans-serif, 11 % wider on names such as ours.
const wider = 1.12

// measured are the fonts that texts in diagrams are measured with. No browser has them, but their
// letters are as wide as those of browsers' fonts.
var measured = sync.OnceValues(func() (fonts [2]*sfnt.Font, err error) {
	for i, ttf := range [][]byte{goregular.TTF, gobold.TTF} {
		if fonts[i], err = sfnt.Parse(ttf); err != nil {
			return fonts, err
		}
	}
	return fonts, nil
})

// ruler measures texts.
type ruler struct {
	fonts [2]*sfnt.Font
	buf   sfnt.Buffer
}

func newRuler() (*ruler, error) {
	fonts, err := measured()
	return &ruler{fonts: fonts}, err
}

// width is the room that a text needs. A letter that the fonts do not have is taken for a square.
func (r *ruler) width(s string, size float64, bold bool) float64 {
	f := r.fonts[0]
	if bold {
		f = r.fonts[1]
	}
	const em = 1000
	sum := 0.0
	for _, c := range s {
		advance := 1.0
		if glyph, err := f.GlyphIndex(&r.buf, c); err == nil && glyph != 0 {
			if a, err := f.GlyphAdvance(&r.buf, glyph, fixed.I(em), font.HintingNone); err == nil {
				advance = float64(a) / 64 / em
			}
		}
		sum += advance
	}
	return sum * size * wider
}

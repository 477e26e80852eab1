package browser

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"gitlab.com/cicd/cicdctl/internal/golden"
)

// A picture is as wanted when no more than one pixel in a hundred differs by more than 32 of 255 in any
// colour. Another version of Chromium or of a font smooths edges differently, which stays well below;
// what moves, is missing or has another colour does not.
const (
	mostDiffering = 0.01
	mostApart     = 32
	// smaller is how many pixels of the screen are one in the repository, in each direction.
	smaller = 2
)

// Picture is what the screen shows, or one element.
func (p *Page) Picture(selector string) image.Image {
	p.t.Helper()
	shot := chromedp.CaptureScreenshot()
	if selector != "" {
		shot = chromedp.Screenshot(chromedp.CSS(selector))
	}
	b, err := chromedp.Run(p.ctx, shot)
	p.must(err)
	i, err := png.Decode(bytes.NewReader(b))
	p.must(err)
	return shrink(i)
}

// Sketch is one element at a share of its size, for a page that only hints at it.
func (p *Page) Sketch(selector string, share float64) image.Image {
	p.t.Helper()
	// Wherever the part is on the page, its lines are to be in the same places between pixels.
	p.eval(nil, fmt.Sprintf(`(() => {
		const part = document.querySelector(%q), room = document.createElement("div");
		room.style.height = "1px"; // margins do not collapse over it
		part.before(room);
		const top = part.getBoundingClientRect().top + scrollY;
		room.style.height = 1 + Math.ceil(top / 100) * 100 - top + "px"; // of 100, any share of percents is whole
		return "";
	})()`, selector))
	b, err := chromedp.Run(p.ctx, chromedp.ScreenshotScale(chromedp.CSS(selector), share))
	p.must(err)
	i, err := png.Decode(bytes.NewReader(b))
	p.must(err)
	return i
}

// shrink makes one pixel of several, of their mean.
func shrink(i image.Image) *image.RGBA {
	from := i.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, from.Dx()/smaller, from.Dy()/smaller))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var r, g, b uint32
			for n := range smaller * smaller {
				cr, cg, cb, _ := i.At(from.Min.X+x*smaller+n%smaller, from.Min.Y+y*smaller+n/smaller).RGBA()
				r, g, b = r+cr>>8, g+cg>>8, b+cb>>8
			}
			const count = smaller * smaller
			out.SetRGBA(x, y, color.RGBA{uint8(r / count), uint8(g / count), uint8(b / count), 255})
		}
	}
	return out
}

// Golden compares a picture with a file. What was got instead is written beside it, with the ending
// .got.png, which git ignores.
func Golden(t *testing.T, file string, got image.Image) {
	t.Helper()
	if golden.Updating() {
		write(t, file, got)
		return
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if share := Differing(want, got); share > mostDiffering {
		other := strings.TrimSuffix(file, ".png") + ".got.png"
		write(t, other, got)
		t.Errorf("%.1f %% of the pixels differ from %s, at most %.0f %% may: look at %s (run with -update after a wanted change)",
			share*100, file, mostDiffering*100, other)
	}
}

func write(t *testing.T, file string, i image.Image) {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, i); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Differing is the share of pixels that differ by more than what nobody sees; of pictures of other
// sizes it is all.
func Differing(a, b image.Image) float64 {
	if a.Bounds().Size() != b.Bounds().Size() {
		return 1
	}
	size, count := a.Bounds().Size(), 0
	for y := range size.Y {
		for x := range size.X {
			r1, g1, b1, _ := a.At(a.Bounds().Min.X+x, a.Bounds().Min.Y+y).RGBA()
			r2, g2, b2, _ := b.At(b.Bounds().Min.X+x, b.Bounds().Min.Y+y).RGBA()
			for _, pair := range [][2]uint32{{r1, r2}, {g1, g2}, {b1, b2}} {
				if max(pair[0]>>8, pair[1]>>8)-min(pair[0]>>8, pair[1]>>8) > mostApart {
					count++
					break
				}
			}
		}
	}
	return float64(count) / float64(size.X*size.Y)
}

package images_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// images is the build context of all Dockerfiles.
const images = "../../configs/images"

// image is what a Dockerfile says.
type image struct {
	copies     []copied
	runs       []string // without those that install packages
	packages   []string
	env        []string
	ports      []uint16
	volumes    []string
	uid, gid   int
	signal     syscall.Signal
	entrypoint []string
	needs      []string // programs that must be on this machine
}

type copied struct{ from, to string }

// daemons are what the images start in the end, and what the tests use of them.
var daemons = map[spec.Runtime][]string{
	spec.Apache:        {"/usr/sbin/apache2", "/usr/lib/apache2/modules/mod_mpm_event.so", "/etc/mime.types"},
	spec.NodeJS:        {"/usr/bin/node"},
	spec.MySecureShell: {"/usr/sbin/sshd", "/usr/lib/openssh/sftp-server", "/usr/bin/mysecureshell", "/usr/bin/jq", "/usr/bin/rclone", "/usr/bin/sftp"},
	spec.ProFTPD:       {"/usr/sbin/proftpd", "/usr/lib/proftpd/mod_vroot.so", "/usr/lib/proftpd/mod_tls.so", "/usr/bin/jq", "/usr/bin/rclone", "/usr/bin/gcc", "/usr/include/proftpd/conf.h"},
}

// readImage understands the few instructions that the Dockerfiles have, and fails
// on any other: what is not tried here must not be in them.
func readImage(t *testing.T, name spec.Runtime) image {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(images, string(name), "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	img := image{needs: daemons[name]}
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
		instruction, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		words := strings.Fields(rest)
		var err error
		switch instruction {
		case "", "#":
		case "FROM":
			if base, _, _ := strings.Cut(rest, " AS "); base != "debian:bookworm-slim" {
				err = fmt.Errorf("%s is not the base that is tested", rest)
			}
		case "RUN":
			if _, list, installs := strings.Cut(rest, "--no-install-recommends "); installs {
				list, _, _ = strings.Cut(list, " && ")
				img.packages = append(img.packages, strings.Fields(list)...)
			} else {
				img.runs = append(img.runs, rest)
			}
		case "COPY":
			to := words[len(words)-1]
			if strings.HasPrefix(words[0], "--from=") { // all stages are run in one place here
				if len(words) != 3 || words[1] != to {
					err = fmt.Errorf("%s copies to another path", rest)
				}
				break
			}
			for _, from := range words[:len(words)-1] {
				c := copied{filepath.Join(images, from), to}
				if strings.HasSuffix(to, "/") {
					c.to += filepath.Base(from)
				}
				img.copies = append(img.copies, c)
			}
		case "ENV":
			img.env = append(img.env, words...)
		case "EXPOSE":
			for _, w := range words {
				var from, to uint16
				if n, _ := fmt.Sscanf(w, "%d-%d", &from, &to); n == 1 {
					to = from
				}
				for p := from; p <= to; p++ {
					img.ports = append(img.ports, p)
				}
			}
		case "VOLUME":
			err = json.Unmarshal([]byte(rest), &img.volumes)
		case "USER":
			_, err = fmt.Sscanf(rest, "%d:%d", &img.uid, &img.gid)
		case "STOPSIGNAL":
			img.signal = map[string]syscall.Signal{"SIGTERM": syscall.SIGTERM, "SIGWINCH": syscall.SIGWINCH}[rest]
		case "ENTRYPOINT":
			err = json.Unmarshal([]byte(rest), &img.entrypoint)
		default:
			err = fmt.Errorf("unknown instruction %s", instruction)
		}
		if err != nil {
			t.Fatalf("%s/Dockerfile: %v", name, err)
		}
	}
	return img
}

func TestImagesFitTheirRuntimes(t *testing.T) {
	for _, r := range rules.Runtimes() {
		img := readImage(t, r.Name)
		if !slices.Equal(img.ports, r.Ports()) {
			t.Errorf("%s exposes %v, its task %v", r.Name, img.ports, r.Ports())
		}
		var volumes []string
		if r.Task.Files != "" {
			volumes = []string{r.Task.Files}
		}
		if !slices.Equal(img.volumes, volumes) {
			t.Errorf("%s has the volumes %v, its task %v", r.Name, img.volumes, volumes)
		}
		if img.uid == 0 || img.gid == 0 {
			t.Errorf("%s runs as root", r.Name)
		}
		if img.signal == 0 || len(img.entrypoint) == 0 || len(img.packages) == 0 {
			t.Errorf("%s has no stop signal, no entrypoint or no packages", r.Name)
		}
	}
}

func TestProFTPDHasThePortsOfItsTask(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(images, "proftpd", "start"))
	if err != nil {
		t.Fatal(err)
	}
	data := rules.RuntimeOf(spec.ProFTPD).Data
	contains(t, "start", string(text), fmt.Sprintf("PASSIVE_PORTS:-%d-%d}", data[0], data[len(data)-1]))
	for i, p := range data {
		if p != data[0]+uint16(i) {
			t.Errorf("%s is no range", strconv.Itoa(int(p)))
		}
	}
}

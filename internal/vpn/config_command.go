package vpn

import (
	"context"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// The formats of a site's configuration.
const (
	FormatStrongSwan = "strongswan"
	FormatGeneric    = "generic"
)

// Formats lists them.
func Formats() []string { return []string{FormatStrongSwan, FormatGeneric} }

// ConfigOptions are those of the vpn config command.
type ConfigOptions struct {
	Name, Site, Region, Spec string
	Format, Dir              string
	ShowSecrets              bool
}

// Configuration is what the device of a site is to be set to. As JSON:
//
//	{"client": "ACME", "region": "eu-west-3", "site": "paris-office", "connection": "vpn-…",
//	 "format": "strongswan", "dir": "…", "files": [{"path": "etc/swanctl/…", "mode": "0644", "text": "…"}]}
//
// The generic format is one file without a path. With a directory, the texts are left out.
type Configuration struct {
	Client, Region, Site, Connection, Format, Dir string
	Files                                         []File
}

// ShowConfig writes what the device of a site is to be set to.
func ShowConfig(ctx context.Context, a *session.Session, o ConfigOptions) error {
	switch {
	case !slices.Contains(Formats(), o.Format):
		return session.Usagef("", "--format %q is not one of %s", o.Format, strings.Join(Formats(), ", "))
	case o.Dir != "" && o.Format == FormatGeneric:
		return session.Usagef("leave --dir out, or give --format strongswan", "--dir is for files, and the generic format is one table")
	}
	t, err := session.Wanted(a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	if t.New {
		return session.NoFile(a, o.Name, t.File) // it has the networks behind the site
	}
	site, err := siteOf(t.Spec, o.Site)
	if err != nil {
		return err
	}
	op, err := a.Open(ctx)
	if err != nil {
		return err
	}
	c, err := configOf(ctx, op, t.Spec, site, o.ShowSecrets)
	if err != nil {
		return err
	}
	files, err := render(c, o.Format)
	if err != nil {
		return err
	}
	for i := range files { // their comments say how to print the keys
		files[i].Text = a.Print.Complete(files[i].Text)
	}
	if o.Dir != "" {
		if err := Write(o.Dir, files); err != nil {
			return session.Usagef("choose another place with --dir", "--dir: %w", err)
		}
	}
	return showConfig(a.Print, Configuration{o.Name, t.Spec.Region, o.Site, c.Connection, o.Format, o.Dir, files})
}

// render makes the files of a format. The table is one without a name.
func render(c Config, format string) ([]File, error) {
	if format == FormatStrongSwan {
		return Swanctl(c)
	}
	text, err := Generic(c)
	return []File{{Text: text}}, err
}

// configOf is the connection of a site as its device is to know it.
func configOf(ctx context.Context, op *cloud.Operator, s *spec.Spec, site spec.Site, secrets bool) (c Config, err error) {
	conn, err := find(ctx, op, s.Client, s.Region, site.Name)
	if err != nil {
		return c, err
	}
	clients, err := op.Clients(ctx, s.Region)
	if err != nil {
		return c, err
	}
	i := slices.IndexFunc(clients, func(each cloud.Client) bool { return each.Name == s.Client })
	if i < 0 || clients[i].Slot < 0 {
		return c, cloud.Guardf("%s has no subnets in %s: cicdctl client create %s", s.Client, s.Region, s.Client)
	}
	var ports []string
	for _, p := range rules.SitePorts(s, site) {
		ports = append(ports, p.String())
	}
	c = Config{
		Client: rules.Lower(s.Client), Region: s.Region, Site: site.Name, Connection: conn.ID, Peer: site.Peer,
		Networks: op.Addr.Slots()[clients[i].Slot].Collapsed(), Routes: site.Routes,
		Ports: "TCP " + strings.Join(ports, ", "), InitiateSite: site.Initiate == spec.InitiateSite,
	}
	var keys [2]string
	if secrets {
		if keys, err = conn.readKeys(ctx); err != nil {
			return c, err
		}
	}
	for i, t := range conn.Tunnels {
		c.Tunnels[i] = Tunnel{Outside: t.Outside, Inside: t.Inside, Key: keys[i]}
	}
	return c, nil
}

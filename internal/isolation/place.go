package isolation

// named is an address and what is there.
type named struct {
	address uint32
	what    string
}

// holder is where an interface is, and whether it checks what is sent to it.
type holder struct {
	at     *place
	checks bool
	public []uint32
}

// place is where packets start and end: a subnet, a site, or the internet.
type place struct {
	id, owner string
	vpc       string
	gateway   string // of a site
	static    bool
	index     int // of a site's VPN
	internet  bool
	in, out   *filter // of a subnet
	table     *table
	local     []hop  // of the VPC
	spans     []span // at most one for a subnet
	cells     []span // spans, cut where routes are
	profiles  []*profile
	parties   []string // all owners
}

func (p *place) site() bool { return p.gateway != "" }

// profile is some of a place's addresses that nothing tells apart.
type profile struct {
	owner   string
	groups  []string
	spans   []span
	in, out *guard
	public  bool
	faces   []face
	listens []Listener
}

// face is a public address of an interface, and the private ones behind it.
type face struct {
	public uint32
	spans  []span
}

package rules

import "gitlab.com/cicd/cicdctl/internal/spec"

// Balancer is the kind of load balancer in front of a runtime.
type Balancer string

const (
	// ByHostAndPath is the client's application load balancer: one for all HTTP
	// services, told apart by [ListenerRules].
	ByHostAndPath Balancer = "application"
	// ByPort is a network load balancer: TCP, told apart by nothing but the port.
	// With targets by IP it does not keep the client's address unless told to, and
	// it is not: containers see addresses of the edge, and only the edge is let in.
	ByPort Balancer = "network"
)

// Access is what containers of a runtime may do with the files of their app: below
// preview/ or prod/ of the app's bucket, whichever is their environment
// (BUCKET_PREFIX). The role of the environment ([AppRoleName]) reaches nothing of
// the other one ([AppPolicy]).
type Access struct{ Read, Write bool }

// Secret is a secret of a service in an environment, which its containers get as
// an environment variable when they start.
type Secret struct {
	Name     string // the last part of [SecretName]
	Variable string
	// Generated is for what cicdctl makes once and nobody has to know. Any other
	// value is an operator's: without one, nothing can be deployed.
	Generated bool
}

// The secrets of servers of files, as configs/images reads them.
var (
	people  = Secret{Name: PeopleSecret, Variable: "FILE_USERS"}
	hostKey = Secret{Name: HostKeySecret, Variable: "HOST_KEY", Generated: true}
)

// Names of secrets within those of a service.
const (
	PeopleSecret  = "users"
	HostKeySecret = "host-key"
)

// Runtime is what cicdctl decides about the software of a container. The images
// that fit it are in configs/images.
type Runtime struct {
	Name spec.Runtime
	// Port is where the container listens: an unprivileged one, so that no
	// container needs root.
	Port uint16
	// Data are further ports, for data connections of FTP, without a gap: the same
	// numbers in the container and on the load balancer, because the server tells
	// them to the client. These are the first service's in prod; others have as many
	// further on ([TransferPorts]).
	Data []uint16
	// Network is ECS's network mode. With awsvpc each task has a network interface,
	// and so an address and a security group of its own.
	Network  string
	Balancer Balancer
	// HealthPath is asked for by the load balancer and answered with 200; empty
	// where it is enough that Port takes a connection.
	HealthPath string
	// MaxTasks is how many tasks of an environment can serve at once; 0 for any number.
	MaxTasks int32
	// StopFirst is for what cannot run twice even for a moment: a deployment stops
	// the old task before it starts the new one.
	StopFirst bool
	Bucket    Access
	Secrets   []Secret
	Task      Task
}

// Ports are all ports that the container listens on, Port first. AWS attaches at
// most five target groups to an ECS service, one for each of them (developer
// guide, "Use load balancing to distribute Amazon ECS service traffic").
func (r Runtime) Ports() []uint16 { return append([]uint16{r.Port}, r.Data...) }

// MaxTargetGroups is how many target groups, and so ports, an ECS service can have.
const MaxTargetGroups = 5

// HealthPath is where an HTTP runtime answers the load balancer's health check.
const HealthPath = "/healthz"

// FilesPath is where file transfer keeps what is on its way to S3, in a folder
// for the environment.
const FilesPath = "/srv/files"

// awsvpc is for all: security groups are by service, which host and bridge mode
// cannot do.
const awsvpc = "awsvpc"

// scratch is what every container may write, in memory; the sizes of its image's
// pid files, sockets and user lists.
func scratch() map[string]int32 { return map[string]int32{"/run": 16, "/tmp": 64} }

// runtimes is the one table of runtimes.
//
// Where file transfer is on the load balancer, [TransferPorts] says.
//
// # FTP
//
// FTP opens a second connection for every list and every file. The client takes
// address and port for it from the server's answer to PASV. Behind a network load
// balancer this works under these conditions only:
//
//   - Control and data connections must reach the same task, and each port of the
//     load balancer is a target group of its own that knows nothing of the others.
//     So there is one task (MaxTasks), and a deployment stops it before it starts
//     the next (StopFirst): transfers under way are cut off.
//   - The server must tell the load balancer's address, not its own. The container
//     gets the DNS name as MASQUERADE_ADDRESS (ProFTPD's MasqueradeAddress), and
//     looks it up when it starts: a network load balancer keeps its addresses, one
//     in each zone, as long as it stands. A client connects to any of them, so the
//     data connection may come through another zone than the control connection:
//     with cross-zone balancing on, both end at the task all the same, from
//     different addresses of the edge. ProFTPD must allow that
//     (AllowForeignAddress); active mode, where it would be an attack, is refused.
//   - Each data port is a listener and a target group, as there are no listeners
//     for ranges. With at most five target groups a service, four are left for data
//     (Data), and so at most four people at the same time: the image refuses the
//     fifth, whose data would go to a port where nobody listens. A load balancer
//     also has 50 listeners, no more ([MaxListeners]).
//   - Nobody listens on a data port before a transfer: whether the container is
//     well, its control port tells for all of them.
//
// What cannot be had so: several tasks, a deployment that nobody notices, more than
// four people at once, and active mode. Preview and prod have ports of their own
// (PASSIVE_PORTS). Who has the choice takes mysecureshell: SFTP is one port.
var runtimes = []Runtime{
	{
		Name: spec.Apache, Port: 8080, Network: awsvpc, Balancer: ByHostAndPath, HealthPath: HealthPath,
		Bucket: Access{Read: true, Write: true},
		Task:   Task{CPU: 256, Memory: 512, Scratch: scratch()},
	},
	{
		Name: spec.NodeJS, Port: 3000, Network: awsvpc, Balancer: ByHostAndPath, HealthPath: HealthPath,
		Bucket: Access{Read: true, Write: true},
		Task:   Task{CPU: 256, Memory: 512, Scratch: scratch()},
	},
	{
		Name: spec.MySecureShell, Port: 2222, Network: awsvpc, Balancer: ByPort,
		MaxTasks: 1,                               // uploads lie on the task's own disk: two would show each half of them
		Bucket:   Access{Read: true, Write: true}, // reads to compare before it writes
		Secrets:  []Secret{people, hostKey},
		Task:     Task{CPU: 128, Memory: 256, Scratch: scratch(), Files: FilesPath},
	},
	{
		Name: spec.ProFTPD, Port: 2121, Data: []uint16{49152, 49153, 49154, 49155}, Network: awsvpc, Balancer: ByPort,
		MaxTasks: 1, StopFirst: true,
		Bucket:  Access{Read: true, Write: true}, // likewise
		Secrets: []Secret{people},
		Task:    Task{CPU: 128, Memory: 256, Scratch: scratch(), Files: FilesPath},
	},
}

// Runtimes are all of them, in the document's order of web before files.
func Runtimes() []Runtime { return runtimes }

// RuntimeOf finds a runtime by its name. Of one that there is not, which no spec
// can have, only the name is known.
func RuntimeOf(name spec.Runtime) Runtime {
	for _, r := range runtimes {
		if r.Name == name {
			return r
		}
	}
	return Runtime{Name: name}
}

// AccessOf is what the services of an app do with its files, in all: they share a role.
func AccessOf(app spec.App) Access {
	var all Access
	for _, svc := range app.Services {
		one := RuntimeOf(svc.Runtime).Bucket
		all = Access{Read: all.Read || one.Read, Write: all.Write || one.Write}
	}
	return all
}

// ContainerPort is the port that a runtime's container listens on.
func ContainerPort(r spec.Runtime) uint16 { return RuntimeOf(r).Port }

// TaskOf returns what the containers of a runtime get.
func TaskOf(r spec.Runtime) Task { return RuntimeOf(r).Task }

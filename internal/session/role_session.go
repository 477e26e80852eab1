package session

import (
	"cmp"
	"os"
	"os/user"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// roleSession says who works in an account by its role, and why: "alice@client-create", in a
// pipeline with its job: "alice@audit,job=4711". CloudTrail records it with every call.
func (a *Session) roleSession() string {
	who := os.Getenv("GITLAB_USER_LOGIN")
	if who == "" {
		if u, err := user.Current(); err == nil { // else the environment may know
			who = u.Username[strings.LastIndex(u.Username, `\`)+1:] // DOMAIN\alice on Windows
		}
	}
	return sessionName(cmp.Or(who, os.Getenv("USER"), os.Getenv("USERNAME"), "unknown"), a.Doing, os.Getenv("CI_JOB_ID"))
}

// A session's name has at most so many characters (STS API reference, AssumeRole). Who it is
// takes at most longestWho, a job at most longestJob, for all three to be seen.
const longestSession, longestWho, longestJob = 64, 28, 14

// unspeakable is what a session's name may not have.
var unspeakable = lazyregexp.New(`[^0-9A-Za-z_+=,.@-]+`)

func sessionName(who, doing, job string) string {
	part := func(text string, most int) string {
		text = unspeakable.ReplaceAllString(text, "-")
		return text[:min(len(text), most)]
	}
	name := part(who, longestWho)
	if job != "" {
		job = ",job=" + part(job, longestJob)
	}
	if doing != "" {
		name += "@" + part(doing, longestSession-len(name)-len(job)-1)
	}
	return name + job
}

package rules

import (
	"regexp"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// Trusted are those who may reach the admin bucket and its key: ARNs of roles and
// users, or patterns of them.
type Trusted struct {
	Admins []string // may do everything, read private keys above all; the root user is one
	// Auditors may look, change nothing and open no private key. The list is nil when
	// nobody has ever said who, and empty when somebody has said that nobody is one.
	Auditors []string
}

func (a Trusted) all() []string { return slices.Concat(a.Admins, a.Auditors) }

// ShutsOut reports whether the caller is in neither list.
func (a Trusted) ShutsOut(callerARN string) bool { return LocksOut(a.all(), callerARN) }

// WithRoot adds the account's root user, the way back in when all else fails.
func WithRoot(p Place, admins []string) []string {
	rootARN := "arn:" + p.Partition + ":iam::" + p.Account + ":root"
	out := slices.Clone(admins)
	if !slices.Contains(out, rootARN) {
		out = append(out, rootARN)
	}
	slices.Sort(out)
	return out
}

// maxTagValue is how long a tag's value may be (S3 and IAM tagging limits).
const maxTagValue = 256

// tagCharacters are what a tag's value may have in all services; a comma and a
// question mark, which names and patterns can have, are not among them.
var tagCharacters = lazyregexp.New(`^[\pL\pN\pZ_.:/=+@-]*$`)

// setSuffix stands for the suffix of a role of Identity Center, which tags do not take as the
// pattern that it is.
const setSuffix = "@suffix"

// anyPath stands for the "*" of a role's path, which tags do not take.
const anyPath = "@any"

// What a tag says that names nobody: it does not take the list, or the list is empty.
const (
	configured = "configured"
	nobody     = "nobody"
)

// EncodeAdmins is the text of a tag that names the admins: "role/ops user/eve".
// It is "configured" when a tag does not take the list: such a list has to be in
// every operator's configuration.
func EncodeAdmins(p Place, admins []string) string { return encode(p, WithRoot(p, admins)) }

// EncodeAuditors is the same for the auditors. Of a list that nobody ever gave there
// is no tag; that it was emptied has to be remembered.
func EncodeAuditors(p Place, auditors []string) string {
	if auditors != nil && len(auditors) == 0 {
		return nobody
	}
	return encode(p, auditors)
}

func encode(p Place, principals []string) string {
	prefix := "arn:" + p.Partition + ":iam::" + p.Account + ":"
	var names []string
	for _, principal := range principals {
		name := strings.TrimPrefix(principal, prefix) // of another account or service: whole
		name = strings.ReplaceAll(name, anySuffix, setSuffix)
		names = append(names, strings.ReplaceAll(name, "*", anyPath))
	}
	text := strings.Join(names, " ")
	if len(text) > maxTagValue || !tagCharacters.MatchString(text) {
		return configured
	}
	return text
}

// DecodePrincipals reads what EncodeAdmins or EncodeAuditors wrote, or returns nil
// for a list that the tag did not take.
func DecodePrincipals(p Place, text string) []string {
	switch text {
	case configured:
		return nil
	case nobody:
		return []string{}
	}
	var out []string
	for name := range strings.FieldsSeq(text) {
		name = strings.ReplaceAll(strings.ReplaceAll(name, anyPath, "*"), setSuffix, anySuffix)
		if !strings.HasPrefix(name, "arn:") {
			name = "arn:" + p.Partition + ":iam::" + p.Account + ":" + name
		}
		out = append(out, name)
	}
	return out
}

// Principal is a role or a user as people name it.
type Principal struct {
	Kind string // "role", "user", or "permission set" of IAM Identity Center
	Name string
}

// Named are the roles and users of a list, each once: a role is in it with and without
// a path (Principals). The root user is left out, who is an admin always.
func Named(principals []string) []Principal {
	var out []Principal
	for _, arn := range principals {
		kind, name, found := strings.Cut(arn[strings.LastIndex(arn, ":")+1:], "/")
		p := Principal{kind, strings.TrimPrefix(name, "*/")}
		if m := setRole.FindStringSubmatch(arn); m != nil {
			p = Principal{"permission set", m[3]}
		}
		if found && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// adminsText names the admins in an error: "role ops, user eve and the account's root user".
func adminsText(admins []string) string {
	text := ""
	for _, p := range Named(admins) {
		if text != "" {
			text += ", "
		}
		text += lang.Sprintf(p.Kind+" %s", p.Name)
	}
	if text == "" {
		return lang.Say("the account's root user alone")
	}
	return lang.Sprintf("%s and the account's root user", text)
}

var sessionARN = lazyregexp.New(`^arn:([a-z-]+):sts::(\d{12}):assumed-role/([^/]+)/.+$`)

// Principals are the patterns that aws:PrincipalArn has for a caller. A session's
// ARN leaves out the path of its role, so a role is named with and without one:
// role names are unique in an account, whatever their path.
func Principals(callerARN string) []string {
	m := sessionARN.FindStringSubmatch(callerARN)
	if m == nil {
		return []string{callerARN}
	}
	role := "arn:" + m[1] + ":iam::" + m[2] + ":role/"
	if lasting := ofPermissionSet(role + m[3]); lasting != nil {
		return lasting
	}
	return []string{role + m[3], role + "*/" + m[3]}
}

// anySuffix is what IAM Identity Center ends the name of a role with, as a pattern: 16
// characters (Identity Center user guide, "Referencing permission sets in resource
// policies"). A "*" would let in more: names of permission sets may have "_" in them, so
// that "Admin_*" is "Admin_Trainees" too.
const anySuffix = "????????????????"

// setRole is a role that IAM Identity Center makes of a permission set, with or without its
// path, its suffix written out or not.
var setRole = lazyregexp.New(`^(arn:[a-z-]+:iam::\d{12}:role/)(.*/)?AWSReservedSSO_([^/]+)_([0-9A-Za-z]{16}|\?{16}|\*)$`)

// ofPermissionSet are the patterns of the role that stands for a permission set, whatever its
// suffix: Identity Center makes the role anew, with another one, when the last assignment is
// removed and one is made again. Where its home is us-east-1, the path has no region. Nil for
// any other role or user.
func ofPermissionSet(arn string) []string {
	m := setRole.FindStringSubmatch(arn)
	if m == nil {
		return nil
	}
	path, name := m[1]+"aws-reserved/sso.amazonaws.com/", "AWSReservedSSO_"+m[3]+"_"+anySuffix
	return []string{path + "*/" + name, path + name}
}

// Lasting is a list in which roles of IAM Identity Center go by their permission set, so that
// nobody is locked out when such a role is made anew. Nil stays nil.
func Lasting(principals []string) []string {
	if principals == nil {
		return nil
	}
	out := []string{}
	for _, arn := range principals {
		lasting := ofPermissionSet(arn)
		if lasting == nil {
			lasting = []string{arn}
		}
		out = append(out, lasting...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// LocksOut reports whether none of the configured admins is the caller.
func LocksOut(admins []string, callerARN string) bool {
	caller := callerARN
	if m := sessionARN.FindStringSubmatch(callerARN); m != nil {
		caller = "arn:" + m[1] + ":iam::" + m[2] + ":role/" + m[3]
	}
	if strings.HasSuffix(caller, ":root") {
		return false
	}
	return !slices.ContainsFunc(admins, func(admin string) bool {
		if strings.Contains(caller, ":role/") && strings.Contains(admin, ":role/") {
			// The caller's path is unknown: compare account and name only.
			head, path, _ := strings.Cut(admin, ":role/")
			admin = head + ":role/" + path[strings.LastIndex(path, "/")+1:]
		}
		return arnLike(admin, caller)
	})
}

// arnLike matches a pattern with * and ? as IAM does.
func arnLike(pattern, arn string) bool {
	expr := regexp.QuoteMeta(pattern)
	expr = strings.ReplaceAll(strings.ReplaceAll(expr, `\*`, `.*`), `\?`, `.`)
	ok, err := regexp.MatchString("^"+expr+"$", arn)
	return err == nil && ok
}

var principalPattern = lazyregexp.New(`^arn:[a-z-]+:iam::\d{12}:(role|user)/.+$`)

// CheckPrincipals says what is wrong with a configured list of admins or of auditors.
func CheckPrincipals(key string, principals []string) error {
	for _, p := range principals {
		if !principalPattern.MatchString(p) {
			return lang.Errorf("%s: %q is not the ARN of an IAM role or user, such as arn:aws:iam::123456789012:role/admin", key, p)
		}
	}
	return nil
}

// CheckAdmitted refuses lists that keep the caller out of the admin bucket.
func CheckAdmitted(who Trusted, callerARN string) error {
	if !who.ShutsOut(callerARN) {
		return nil
	}
	return lang.Errorf("admins: the list %s would lock you out (%s); add your own role or user, or add it to auditors if it is only to look",
		strings.Join(who.Admins, ", "), strings.Join(Principals(callerARN), " or "))
}

// MayOnlyLook says why the caller may change nothing, or is empty: AWS would say so
// only in the middle of the work.
func MayOnlyLook(who Trusted, callerARN string) string {
	if !LocksOut(who.Admins, callerARN) {
		return ""
	}
	return lang.Sprintf("you (%s) may only look: admins are %s; take another profile with AWS_PROFILE, or have an admin add you to admins",
		callerARN, adminsText(who.Admins))
}

// HowToAudit tells who is kept out of the admin bucket how to be let in.
func HowToAudit(callerARN string) string {
	return lang.Sprintf("the admin bucket and its key let in nobody but admins and auditors: have an admin add %s to auditors in the configuration, and run cicdctl client create of any client",
		strings.Join(Principals(callerARN), " or "))
}

// HowToGetBackIn tells who is kept out of the admin bucket by its policy what leads in again:
// the policies of the bucket and of its key, which IAM's own do not outweigh, are changed by
// those that they let in.
func HowToGetBackIn(callerARN string) string {
	return lang.Sprintf("have an admin, or the account's root user (in CloudShell: no access keys are needed), list %s under admins in the configuration and run cicdctl client create of any client: it writes both policies",
		strings.Join(Principals(callerARN), " or "))
}

package rules

import (
	"slices"
	"strings"
)

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

// anyPath stands for the "*" of a role's path, which tags do not take.
const anyPath = "@any"

// EncodeAdmins is the text of a tag that names the admins: "role/ops user/eve".
// It is "configured" when the list does not fit into a tag: such a list has to be
// in every operator's configuration.
func EncodeAdmins(p Place, admins []string) string {
	prefix := "arn:" + p.Partition + ":iam::" + p.Account + ":"
	var names []string
	for _, a := range WithRoot(p, admins) {
		name := strings.TrimPrefix(a, prefix) // of another account or service: whole
		names = append(names, strings.ReplaceAll(name, "*", anyPath))
	}
	text := strings.Join(names, " ")
	if len(text) > maxTagValue {
		return configuredAdmins
	}
	return text
}

const configuredAdmins = "configured"

// DecodeAdmins reads what EncodeAdmins wrote, or returns nil for a list that was
// too long for it.
func DecodeAdmins(p Place, text string) []string {
	if text == configuredAdmins {
		return nil
	}
	var out []string
	for name := range strings.FieldsSeq(text) {
		name = strings.ReplaceAll(name, anyPath, "*")
		if !strings.HasPrefix(name, "arn:") {
			name = "arn:" + p.Partition + ":iam::" + p.Account + ":" + name
		}
		out = append(out, name)
	}
	return out
}

// AdminsText names the admins for people: "role ops, user eve and the account's root user".
func AdminsText(admins []string) string {
	var names []string
	for _, a := range admins {
		name := a[strings.LastIndex(a, ":")+1:]
		if name == "root" || strings.Contains(name, "/*/") {
			continue // the root user is named last; a role with a path is named once
		}
		names = append(names, strings.Replace(name, "/", " ", 1))
	}
	return strings.Join(names, ", ") + " and the account's root user"
}

package s3

import (
	"encoding/json"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// lifecycled is a lifecycle rule in days; zero means not at all.
type lifecycled struct {
	id, prefix                string
	abort, noncurrent, expire int32
	glacier                   bool // moved to S3 Glacier at the next midnight UTC
}

// lifecycle are the lifecycle rules of a bucket, with their canonical text.
type lifecycle struct {
	rules []lifecycled
	text  string
}

func newLifecycle(rules ...lifecycled) lifecycle {
	return lifecycle{rules, wantedText(rules)}
}

// wantedText is what lifecycleText makes of lifecycleRules, without making them.
func wantedText(rules []lifecycled) string {
	lines := make([]string, 0, len(rules)+1)
	for _, w := range rules {
		line := "{"
		if w.abort > 0 {
			line += `"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":` + kit.Number(&w.abort) + `},`
		}
		switch {
		case w.expire > 0:
			line += `"Expiration":{"Days":` + kit.Number(&w.expire) + `},`
		case w.noncurrent > 0:
			line += `"Expiration":{"ExpiredObjectDeleteMarker":true},`
		}
		line += `"Filter":{"Prefix":"` + w.prefix + `"},"ID":"` + w.id + `"`
		if w.noncurrent > 0 {
			line += `,"NoncurrentVersionExpiration":{"NoncurrentDays":` + kit.Number(&w.noncurrent) + `}`
		}
		if line += `,"Status":"Enabled"`; w.glacier {
			line += `,"Transitions":[{"Days":0,"StorageClass":"GLACIER"}]`
		}
		lines = append(lines, line+"}")
	}
	if smallest(rules) == s3types.TransitionDefaultMinimumObjectSizeVariesByStorageClass {
		lines = append(lines, allMove)
	}
	return kit.Lines(lines)
}

const allMove = "objects under 128 KB move too"

func lifecycleRules(want []lifecycled) []s3types.LifecycleRule {
	var out []s3types.LifecycleRule
	for _, w := range want {
		r := s3types.LifecycleRule{ID: aws.String(w.id), Status: s3types.ExpirationStatusEnabled, Filter: &s3types.LifecycleRuleFilter{Prefix: aws.String(w.prefix)}}
		if w.abort > 0 {
			r.AbortIncompleteMultipartUpload = &s3types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(w.abort)}
		}
		if w.noncurrent > 0 {
			r.NoncurrentVersionExpiration = &s3types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(w.noncurrent)}
			// Delete markers with nothing left under them.
			r.Expiration = &s3types.LifecycleExpiration{ExpiredObjectDeleteMarker: aws.Bool(true)}
		}
		if w.expire > 0 {
			r.Expiration = &s3types.LifecycleExpiration{Days: aws.Int32(w.expire)}
		}
		if w.glacier {
			r.Transitions = []s3types.Transition{{Days: aws.Int32(0), StorageClass: s3types.TransitionStorageClassGlacier}}
		}
		out = append(out, r)
	}
	return out
}

// smallest is what S3 does with objects under 128 KB: it leaves them where they
// are, unless told that all are to move.
func smallest(life []lifecycled) s3types.TransitionDefaultMinimumObjectSize {
	if slices.ContainsFunc(life, func(l lifecycled) bool { return l.glacier }) {
		return s3types.TransitionDefaultMinimumObjectSizeVariesByStorageClass
	}
	return s3types.TransitionDefaultMinimumObjectSizeAllStorageClasses128k
}

// lifecycleText is one line of JSON a rule, without what is not set, so that an
// attribute that nobody here thought of is seen as well.
func lifecycleText(all []s3types.LifecycleRule, smallest s3types.TransitionDefaultMinimumObjectSize) string {
	var text []string
	for _, r := range all {
		if r.Filter == nil {
			r.Filter = &s3types.LifecycleRuleFilter{Prefix: r.Prefix}
			r.Prefix = nil
		}
		if r.Filter.Prefix == nil && r.Filter.And == nil {
			r.Filter.Prefix = aws.String("") // S3 leaves out the empty prefix
		}
		var tree any
		data, err := json.Marshal(r)
		if err == nil {
			err = json.Unmarshal(data, &tree)
		}
		if err == nil {
			data, err = json.Marshal(pruned(tree))
		}
		if err != nil {
			return err.Error() // plain structs always encode
		}
		text = append(text, string(data))
	}
	if smallest == s3types.TransitionDefaultMinimumObjectSizeVariesByStorageClass {
		text = append(text, allMove)
	}
	return kit.Lines(text)
}

// pruned drops what is null, false or an empty list.
func pruned(v any) any {
	if list, ok := v.([]any); ok {
		for i := range list {
			list[i] = pruned(list[i])
		}
	}
	if m, ok := v.(map[string]any); ok {
		for k, item := range m {
			item = pruned(item)
			list, isList := item.([]any)
			if m[k] = item; item == nil || item == false || isList && len(list) == 0 {
				delete(m, k)
			}
		}
	}
	return v
}

func (b *Bucket) noteLifecycle(rules []s3types.LifecycleRule, smallest s3types.TransitionDefaultMinimumObjectSize) {
	b.lifecycle = lifecycleText(rules, smallest)
	for _, r := range rules {
		if r.Filter == nil { // as rules once were
			r.Filter = &s3types.LifecycleRuleFilter{Prefix: r.Prefix}
		}
		if everything := aws.ToString(r.Filter.Prefix) == "" && r.Filter.And == nil; everything && r.Status == s3types.ExpirationStatusEnabled && r.Expiration != nil {
			b.expires = max(b.expires, aws.ToInt32(r.Expiration.Days))
		}
	}
}

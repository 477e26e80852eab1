package s3

import (
	"reflect"
	"testing"
)

// What is not said plainly is asked of the service.
func TestOnlyPlainPropertiesAreTaken(t *testing.T) {
	t.Parallel()
	settings := map[string]func(*Bucket, []byte) bool{}
	for _, s := range bucketSettings() {
		settings[s.property] = s.told
	}
	const (
		blocks    = "PublicAccessBlockConfiguration"
		owners    = "OwnershipControls"
		encrypts  = "BucketEncryption"
		versions  = "VersioningConfiguration"
		lifecycle = "LifecycleConfiguration"
		logs      = "LoggingConfiguration"
		marked    = `{"Id":"m","Prefix":"","Status":"Enabled","NoncurrentVersionExpiration":{"NoncurrentDays":1},"ExpiredObjectDeleteMarker":true}`
		all       = `"TransitionDefaultMinimumObjectSize":"all_storage_classes_128K"`
	)
	for why, c := range map[string]struct {
		property, text string
		taken          bool
	}{
		"all four switches":                           {blocks, `{"RestrictPublicBuckets":true,"BlockPublicPolicy":true,"BlockPublicAcls":true,"IgnorePublicAcls":false}`, true},
		"a switch that is left out may be on or off":  {blocks, `{"RestrictPublicBuckets":true,"BlockPublicPolicy":true,"BlockPublicAcls":true}`, false},
		"a switch that is new":                        {blocks, `{"RestrictPublicBuckets":true,"BlockPublicPolicy":true,"BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockAll":true}`, false},
		"a switch that is a text":                     {blocks, `{"RestrictPublicBuckets":"true","BlockPublicPolicy":true,"BlockPublicAcls":true,"IgnorePublicAcls":true}`, false},
		"nothing of the public":                       {blocks, ``, false},
		"null":                                        {blocks, `null`, false},
		"an owner":                                    {owners, `{"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"}]}`, true},
		"two owners":                                  {owners, `{"Rules":[{"ObjectOwnership":"BucketOwnerEnforced"},{"ObjectOwnership":"ObjectWriter"}]}`, false},
		"versions are kept":                           {versions, `{"Status":"Enabled"}`, true},
		"versions are not kept":                       {versions, `{"Status":"Suspended"}`, true},
		"versions in a way that nobody knows":         {versions, `{"Status":"Paused"}`, false},
		"no word of versions":                         {versions, ``, false},
		"a key":                                       {encrypts, `{"ServerSideEncryptionConfiguration":[{"BucketKeyEnabled":true,"BlockedEncryptionTypes":{"EncryptionType":["SSE-C"]},"ServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"k"}}]}`, true},
		"a key of which is not said what it blocks":   {encrypts, `{"ServerSideEncryptionConfiguration":[{"BucketKeyEnabled":true,"ServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"k"}}]}`, false},
		"a key that is not named":                     {encrypts, `{"ServerSideEncryptionConfiguration":[{"BucketKeyEnabled":true,"BlockedEncryptionTypes":{"EncryptionType":["SSE-C"]},"ServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms"}}]}`, false},
		"keys of S3":                                  {encrypts, `{"ServerSideEncryptionConfiguration":[{"BucketKeyEnabled":false,"ServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}`, true},
		"a place for access logs":                     {logs, `{"DestinationBucketName":"logs","LogFilePrefix":"acme/"}`, true},
		"a place for access logs, by date":            {logs, `{"DestinationBucketName":"logs","LogFilePrefix":"acme/","TargetObjectKeyFormat":{"PartitionedPrefix":{}}}`, false},
		"access logs, and nobody says where":          {logs, `{"LogFilePrefix":"acme/"}`, false},
		"no word of access logs":                      {logs, ``, false},
		"a lifecycle":                                 {lifecycle, `{` + all + `,"Rules":[` + marked + `,{"Id":"a","Prefix":"","Status":"Enabled","AbortIncompleteMultipartUpload":{"DaysAfterInitiation":7}}]}`, true},
		"a lifecycle without word of small objects":   {lifecycle, `{"Rules":[` + marked + `]}`, false},
		"a lifecycle without word of delete markers":  {lifecycle, `{` + all + `,"Rules":[{"Id":"m","Prefix":"","Status":"Enabled","NoncurrentVersionExpiration":{"NoncurrentDays":1}}]}`, false},
		"a rule for objects with a tag":               {lifecycle, `{` + all + `,"Rules":[` + marked + `,{"Id":"a","Prefix":"","Status":"Enabled","ExpirationInDays":1,"TagFilters":[{"Key":"k","Value":"v"}]}]}`, false},
		"a rule with a date":                          {lifecycle, `{` + all + `,"Rules":[` + marked + `,{"Id":"a","Prefix":"","Status":"Enabled","ExpirationDate":"2027-01-01T00:00:00Z"}]}`, false},
		"a rule that moves earlier versions":          {lifecycle, `{` + all + `,"Rules":[` + marked + `,{"Id":"a","Prefix":"","Status":"Enabled","NoncurrentVersionTransitions":[{"StorageClass":"GLACIER","TransitionInDays":90}]}]}`, false},
		"a rule that moves at a date":                 {lifecycle, `{` + all + `,"Rules":[` + marked + `,{"Id":"a","Prefix":"","Status":"Enabled","Transitions":[{"StorageClass":"GLACIER","TransitionDate":"2026-12-01T00:00:00Z"}]}]}`, false},
		"a rule that moves, and nobody says when":     {lifecycle, `{` + all + `,"Rules":[` + marked + `,{"Id":"a","Prefix":"","Status":"Enabled","Transitions":[{"StorageClass":"GLACIER"}]}]}`, false},
		"a rule of which nobody says what it is for":  {lifecycle, `{` + all + `,"Rules":[` + marked + `,{"Id":"a","Status":"Enabled","ExpirationInDays":1}]}`, false},
		"a rule of which nobody says what it does":    {lifecycle, `{` + all + `,"Rules":[` + marked + `,{"Id":"a","Prefix":"","Status":"Enabled"}]}`, false},
		"a rule of which nobody says whether it acts": {lifecycle, `{` + all + `,"Rules":[` + marked + `,{"Id":"a","Prefix":"","ExpirationInDays":1}]}`, false},
	} {
		b := &Bucket{}
		if got := settings[c.property](b, []byte(c.text)); got != c.taken {
			t.Errorf("%s: taken is %v, want %v", why, got, c.taken)
		}
		if empty := reflect.DeepEqual(b, &Bucket{}); empty == c.taken {
			t.Errorf("%s: the bucket is %+v", why, *b)
		}
	}
}

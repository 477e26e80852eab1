package awsapi

import "strings"

// families are the ways in which AWS's services word their codes. They class what the
// table does not name: there are hundreds of codes, and new ones come with every
// service. Longer endings stand first.
var families = []struct {
	ending string
	class  Class
}{
	{"NotFoundException", NotFound},
	{"NotFoundFault", NotFound},
	{"NotFoundError", NotFound},
	{"NotFound", NotFound},
	{"AlreadyExistsException", Exists},
	{"AlreadyExistsFault", Exists},
	{"AlreadyExists", Exists},
	{".Duplicate", Exists},
	{".InUse", InUse},
	{"LimitExceededException", Quota},
	{"LimitExceededFault", Quota},
	{"LimitExceeded", Quota},
	{"QuotaExceededException", Quota},
	{"QuotaExceededFault", Quota},
	{"QuotaExceeded", Quota},
}

// family is the class of a code by its wording; Unknown when that tells nothing.
func family(code string) Class {
	// What S3 passes on from KMS is about the key of an object, and never means that
	// there is no object.
	if strings.HasPrefix(code, "KMS.") {
		return Unknown
	}
	if strings.HasPrefix(code, "NoSuch") {
		return NotFound
	}
	for _, f := range families {
		if strings.HasSuffix(code, f.ending) {
			return f.class
		}
	}
	return Unknown
}

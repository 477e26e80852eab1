package sandbox

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	cctypes "github.com/aws/aws-sdk-go-v2/service/cloudcontrol/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Cloud Control reads a resource with the handler of its type, which asks the service
// in the caller's name and answers in the words of CloudFormation's reference.

// object is a JSON object as CloudFormation has it.
type object map[string]any

// handled is a resource whose handler is at work.
type handled struct {
	*tx
	ask        func(Call) Fault
	properties object
}

// may reports whether the caller could make the call that tells a property. What is
// refused is left out without a word, as the handlers of S3 and KMS do.
func (h *handled) may(service string, input any) bool {
	operation := strings.TrimSuffix(reflect.TypeOf(input).Elem().Name(), "Input")
	return h.ask == nil || h.ask(Call{Service: service, Operation: operation, Region: h.region, Input: input}).Before == nil
}

func registerCloudControl(a *Account) {
	op(a, cloudcontrol.ServiceID, func(t *tx, in *cloudcontrol.GetResourceInput) (*cloudcontrol.GetResourceOutput, error) {
		h, id := &handled{t, a.fault, object{}}, aws.ToString(in.Identifier)
		var err error
		switch aws.ToString(in.TypeName) {
		case "AWS::S3::Bucket":
			err = h.readBucket(id)
		case "AWS::KMS::Key":
			err = h.readKey(id)
		default:
			err = apiError("UnsupportedActionException", "Resource type %s does not support READ action", aws.ToString(in.TypeName))
		}
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(h.properties)
		if err != nil {
			return nil, err
		}
		return &cloudcontrol.GetResourceOutput{TypeName: in.TypeName, ResourceDescription: &cctypes.ResourceDescription{Identifier: &id, Properties: aws.String(string(text))}}, nil
	})
}

func unhandled(typeName, id string) error {
	return httpError(http.StatusNotFound, "ResourceNotFoundException", "Resource of type '"+typeName+"' with identifier '"+id+"' was not found.")
}

func (h *handled) readKey(id string) error {
	r, err := h.ownKey(&id)
	// What waits for its deletion is gone as far as CloudFormation goes.
	if err != nil || r.V.Meta.KeyState == kmstypes.KeyStatePendingDeletion {
		return unhandled("AWS::KMS::Key", id)
	}
	if !h.may(kms.ServiceID, &kms.DescribeKeyInput{KeyId: &id}) { // the only one that the handler cannot do without
		return apiError("AccessDeniedException", "User is not authorized to perform: kms:DescribeKey")
	}
	h.properties = object{"KeyId": id, "Arn": *r.V.Meta.Arn, "Enabled": r.V.Meta.KeyState == kmstypes.KeyStateEnabled, "Description": aws.ToString(r.V.Meta.Description), "MultiRegion": false, "Tags": []object{}}
	h.properties["KeySpec"], h.properties["KeyUsage"] = r.V.Meta.KeySpec, r.V.Meta.KeyUsage
	if h.may(kms.ServiceID, &kms.GetKeyPolicyInput{KeyId: &id}) {
		h.properties["KeyPolicy"] = json.RawMessage(r.V.Policy)
	}
	if len(r.V.Private) == 0 && h.may(kms.ServiceID, &kms.GetKeyRotationStatusInput{KeyId: &id}) {
		h.properties["EnableKeyRotation"] = r.V.Days > 0 // RotationPeriodInDays can only be written
	}
	return nil
}

func (h *handled) readBucket(name string) error {
	b, err := h.bucket(&name, nil)
	if err != nil {
		return unhandled("AWS::S3::Bucket", name)
	}
	h.properties = object{"BucketName": b.Name, "Arn": "arn:aws:s3:::" + b.Name, "DomainName": b.Name + ".s3.amazonaws.com", "Tags": []object{}}
	if len(b.Tags) > 0 && h.may(s3.ServiceID, &s3.GetBucketTaggingInput{Bucket: &name}) {
		h.properties["Tags"] = each(b.Tags, func(t types.Tag) object { return object{"Key": aws.ToString(t.Key), "Value": aws.ToString(t.Value)} })
	}
	if p := b.PublicBlock; p != nil && h.may(s3.ServiceID, &s3.GetPublicAccessBlockInput{Bucket: &name}) {
		h.properties["PublicAccessBlockConfiguration"] = object{
			"BlockPublicAcls": aws.ToBool(p.BlockPublicAcls), "BlockPublicPolicy": aws.ToBool(p.BlockPublicPolicy),
			"IgnorePublicAcls": aws.ToBool(p.IgnorePublicAcls), "RestrictPublicBuckets": aws.ToBool(p.RestrictPublicBuckets),
		}
	}
	if b.Ownership != "" && h.may(s3.ServiceID, &s3.GetBucketOwnershipControlsInput{Bucket: &name}) {
		h.properties["OwnershipControls"] = object{"Rules": []object{{"ObjectOwnership": b.Ownership}}}
	}
	if b.Versioning != "" && h.may(s3.ServiceID, &s3.GetBucketVersioningInput{Bucket: &name}) {
		h.properties["VersioningConfiguration"] = object{"Status": b.Versioning}
	}
	if h.may(s3.ServiceID, &s3.GetBucketEncryptionInput{Bucket: &name}) {
		h.properties["BucketEncryption"] = object{"ServerSideEncryptionConfiguration": encryptionOf(b.Encryption)}
	}
	if len(b.Lifecycle) > 0 && h.may(s3.ServiceID, &s3.GetBucketLifecycleConfigurationInput{Bucket: &name}) {
		h.properties["LifecycleConfiguration"] = object{"Rules": each(b.Lifecycle, lifecycleOf), "TransitionDefaultMinimumObjectSize": b.Smallest}
	}
	if l := b.Logging; l != nil && h.may(s3.ServiceID, &s3.GetBucketLoggingInput{Bucket: &name}) {
		h.properties["LoggingConfiguration"] = object{"DestinationBucketName": aws.ToString(l.TargetBucket), "LogFilePrefix": aws.ToString(l.TargetPrefix)}
	}
	return nil
}

func encryptionOf(c types.ServerSideEncryptionConfiguration) []object {
	return each(c.Rules, func(r types.ServerSideEncryptionRule) object {
		rule := object{"BucketKeyEnabled": aws.ToBool(r.BucketKeyEnabled)}
		if by := r.ApplyServerSideEncryptionByDefault; by != nil {
			set := object{"SSEAlgorithm": by.SSEAlgorithm}
			add(set, "KMSMasterKeyID", by.KMSMasterKeyID)
			rule["ServerSideEncryptionByDefault"] = set
		}
		if blocked := r.BlockedEncryptionTypes; blocked != nil {
			rule["BlockedEncryptionTypes"] = object{"EncryptionType": blocked.EncryptionType}
		}
		return rule
	})
}

// add adds what is set.
func add[T any](to object, name string, value *T) {
	if value != nil {
		to[name] = *value
	}
}

// lifecycleOf is a rule without the filter, whose parts CloudFormation has in the rule.
func lifecycleOf(r types.LifecycleRule) object {
	out := object{"Status": r.Status, "Prefix": ""}
	add(out, "Id", r.ID)
	if f := r.Filter; f != nil {
		filterOf(out, f.Prefix, f.ObjectSizeGreaterThan, f.ObjectSizeLessThan)
		if f.Tag != nil {
			out["TagFilters"] = []object{{"Key": *f.Tag.Key, "Value": *f.Tag.Value}}
		}
		if and := f.And; and != nil {
			filterOf(out, and.Prefix, and.ObjectSizeGreaterThan, and.ObjectSizeLessThan)
			out["TagFilters"] = and.Tags
		}
	}
	if e := r.Expiration; e != nil {
		add(out, "ExpirationInDays", e.Days)
		add(out, "ExpiredObjectDeleteMarker", e.ExpiredObjectDeleteMarker)
		if e.Date != nil {
			out["ExpirationDate"] = e.Date.Format(time.RFC3339)
		}
	}
	if a := r.AbortIncompleteMultipartUpload; a != nil {
		part := object{}
		add(part, "DaysAfterInitiation", a.DaysAfterInitiation)
		out["AbortIncompleteMultipartUpload"] = part
	}
	if e := r.NoncurrentVersionExpiration; e != nil {
		later := object{}
		add(later, "NoncurrentDays", e.NoncurrentDays)
		add(later, "NewerNoncurrentVersions", e.NewerNoncurrentVersions)
		out["NoncurrentVersionExpiration"] = later
	}
	if moves := each(r.Transitions, func(m types.Transition) object {
		move := object{"StorageClass": m.StorageClass}
		add(move, "TransitionInDays", m.Days)
		if m.Date != nil {
			move["TransitionDate"] = m.Date.Format(time.RFC3339)
		}
		return move
	}); len(moves) > 0 {
		out["Transitions"] = moves
	}
	if moves := each(r.NoncurrentVersionTransitions, func(m types.NoncurrentVersionTransition) object {
		move := object{"StorageClass": m.StorageClass}
		add(move, "TransitionInDays", m.NoncurrentDays)
		add(move, "NewerNoncurrentVersions", m.NewerNoncurrentVersions)
		return move
	}); len(moves) > 0 {
		out["NoncurrentVersionTransitions"] = moves
	}
	return out
}

func filterOf(rule object, prefix *string, above, below *int64) {
	add(rule, "Prefix", prefix)
	if above != nil {
		rule["ObjectSizeGreaterThan"] = strconv.FormatInt(*above, 10)
	}
	if below != nil {
		rule["ObjectSizeLessThan"] = strconv.FormatInt(*below, 10)
	}
}

package sandbox

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// cloudtrailState is CloudTrail in one region, in the order of creation.
type cloudtrailState struct{ Trails table[ctTrail] }

type ctTrail struct {
	V         types.Trail
	Tags      []types.Tag
	Logging   bool
	Selectors []types.EventSelector
}

// trailQuota is how many trails fit in a region.
const trailQuota = 5

var trailName = lazyregexp.New(`^[a-zA-Z0-9][a-zA-Z0-9._-]{1,126}[a-zA-Z0-9]$`)

func (t *tx) cloudtrail() *cloudtrailState { return in(&t.CloudTrail, t.region) }

// trail finds one by name or ARN.
func (t *tx) trail(ref *string) (*ctTrail, error) {
	r := t.cloudtrail().Trails.first(func(trail *ctTrail) bool {
		return *trail.V.Name == aws.ToString(ref) || *trail.V.TrailARN == aws.ToString(ref)
	})
	return found(r, apiError, "TrailNotFoundException", "Unknown trail: %s for the user: %s", aws.ToString(ref), t.opts.ID)
}

// checkTrail tries, as CloudTrail does, whether the trail can be written.
func (t *tx) checkTrail(v types.Trail) error {
	bucket, err := t.bucket(v.S3BucketName, nil)
	if err != nil {
		return apiError("S3BucketDoesNotExistException", "S3 bucket %s does not exist!", aws.ToString(v.S3BucketName))
	}
	if !strings.Contains(bucket.Policy, "cloudtrail.amazonaws.com") || !strings.Contains(bucket.Policy, *v.TrailARN) || v.S3KeyPrefix != nil {
		return apiError("InsufficientS3BucketPolicyException", "Incorrect S3 bucket policy is detected for bucket: %s", *v.S3BucketName)
	}
	if v.KmsKeyId != nil {
		key, err := t.usableKey(*v.KmsKeyId)
		if err != nil {
			return apiError("KmsKeyNotFoundException", "KMS key %s does not exist", *v.KmsKeyId)
		}
		if !strings.Contains(key.V.Policy, "cloudtrail.amazonaws.com") || bucket.hasKey() && !trailMay(key.V.Policy, "kms:Decrypt") {
			return apiError("InsufficientEncryptionPolicyException", "Insufficient permissions to access S3 bucket %s or KMS key %s.", *v.S3BucketName, *v.KmsKeyId)
		}
	}
	if aws.ToBool(v.IsMultiRegionTrail) && !aws.ToBool(v.IncludeGlobalServiceEvents) {
		return apiError("InvalidParameterCombinationException", "Multi-Region trail must include global service events.")
	}
	return nil
}

// hasKey reports whether a bucket key encrypts the bucket's objects. CloudTrail then
// reads what it has written, and wants to be let ("Configure AWS KMS key policies for
// CloudTrail", "Granting decrypt permissions for trails").
func (b *s3Bucket) hasKey() bool {
	return slices.ContainsFunc(b.Encryption.Rules, func(r s3types.ServerSideEncryptionRule) bool { return aws.ToBool(r.BucketKeyEnabled) })
}

// trailMay reports whether a key's policy allows CloudTrail an action.
func trailMay(policy, action string) bool {
	var p bucketPolicy
	if json.Unmarshal([]byte(policy), &p) != nil {
		return false
	}
	for _, s := range p.Statement {
		of, _ := s.Principal.(map[string]any)
		if s.Effect == "Allow" && of["Service"] == "cloudtrail.amazonaws.com" && like(s.Action, action) {
			return true
		}
	}
	return false
}

var trailTags = tagList[types.Tag]{
	parts: func(tag types.Tag) (*string, *string) { return tag.Key, tag.Value },
	tagRules: reserves(apiError("InvalidTagParameterException", "Tag keys cannot start with aws:")).
		upTo(50, apiError("TagsLimitExceededException", "A trail can have 50 tags at most.")),
}

func registerCloudTrail(a *Account) {
	trails := on(a, cloudtrail.ServiceID, (*tx).trail)
	op(a, cloudtrail.ServiceID, func(t *tx, in *cloudtrail.CreateTrailInput) (*cloudtrail.CreateTrailOutput, error) {
		name := aws.ToString(in.Name)
		if !trailName.MatchString(name) {
			return nil, apiError("InvalidTrailNameException", "Trail name %s is invalid", name)
		}
		if aws.ToBool(in.IsOrganizationTrail) {
			return nil, apiError("OrganizationsNotInUseException", "The account does not belong to an organization.")
		}
		if err := trailTags.check(in.TagsList); err != nil {
			return nil, err
		}
		global := in.IncludeGlobalServiceEvents == nil || *in.IncludeGlobalServiceEvents
		v := types.Trail{
			Name: &name, TrailARN: aws.String(t.arn("cloudtrail", "trail/"+name)), HomeRegion: aws.String(t.region), S3BucketName: in.S3BucketName, S3KeyPrefix: in.S3KeyPrefix,
			KmsKeyId: in.KmsKeyId, IsMultiRegionTrail: aws.Bool(aws.ToBool(in.IsMultiRegionTrail)), IncludeGlobalServiceEvents: &global,
			LogFileValidationEnabled: aws.Bool(aws.ToBool(in.EnableLogFileValidation)), IsOrganizationTrail: aws.Bool(false), HasCustomEventSelectors: aws.Bool(false), HasInsightSelectors: aws.Bool(false),
		}
		if _, err := t.trail(&name); err == nil {
			return nil, apiError("TrailAlreadyExistsException", "Trail %s already exists for customer: %s", name, t.opts.ID)
		}
		if len(t.cloudtrail().Trails) >= trailQuota {
			return nil, apiError("MaximumNumberOfTrailsExceededException", "User: %s already has %d trails in %s.", t.opts.ID, trailQuota, t.region)
		}
		if err := t.checkTrail(v); err != nil {
			return nil, err
		}
		t.cloudtrail().Trails.add(&ctTrail{V: v, Tags: in.TagsList})
		return &cloudtrail.CreateTrailOutput{
			Name: v.Name, TrailARN: v.TrailARN, S3BucketName: v.S3BucketName, KmsKeyId: v.KmsKeyId, IsMultiRegionTrail: v.IsMultiRegionTrail,
			IncludeGlobalServiceEvents: v.IncludeGlobalServiceEvents, LogFileValidationEnabled: v.LogFileValidationEnabled,
		}, nil
	})
	op(a, cloudtrail.ServiceID, func(t *tx, in *cloudtrail.DescribeTrailsInput) (*cloudtrail.DescribeTrailsOutput, error) {
		out := &cloudtrail.DescribeTrailsOutput{}
		for region, s := range *t.CloudTrail.use() {
			for _, trail := range s.Trails {
				shadow := region != t.region
				if shadow && (!aws.ToBool(trail.V.IsMultiRegionTrail) || in.IncludeShadowTrails != nil && !*in.IncludeShadowTrails) {
					continue
				}
				if len(in.TrailNameList) == 0 || slices.Contains(in.TrailNameList, *trail.V.Name) || slices.Contains(in.TrailNameList, *trail.V.TrailARN) {
					out.TrailList = append(out.TrailList, trail.V)
				}
			}
		}
		slices.SortFunc(out.TrailList, func(a, b types.Trail) int { return cmp.Compare(*a.TrailARN, *b.TrailARN) })
		return out, nil
	})
	opOn(trails, func(in *cloudtrail.UpdateTrailInput) *string { return in.Name }, func(t *tx, trail *ctTrail, in *cloudtrail.UpdateTrailInput) (*cloudtrail.UpdateTrailOutput, error) {
		v := trail.V
		v.S3BucketName, v.KmsKeyId = cmp.Or(in.S3BucketName, v.S3BucketName), cmp.Or(in.KmsKeyId, v.KmsKeyId)
		v.IsMultiRegionTrail, v.IncludeGlobalServiceEvents = cmp.Or(in.IsMultiRegionTrail, v.IsMultiRegionTrail), cmp.Or(in.IncludeGlobalServiceEvents, v.IncludeGlobalServiceEvents)
		v.LogFileValidationEnabled = cmp.Or(in.EnableLogFileValidation, v.LogFileValidationEnabled)
		if in.S3KeyPrefix != nil {
			if v.S3KeyPrefix = in.S3KeyPrefix; *in.S3KeyPrefix == "" {
				v.S3KeyPrefix = nil
			}
		}
		if err := cmp.Or(t.checkTrail(v), t.logTrail(&v, in)); err != nil {
			return nil, err
		}
		trail.V = v
		return &cloudtrail.UpdateTrailOutput{Name: v.Name, TrailARN: v.TrailARN}, nil
	})
	opChange[cloudtrail.DeleteTrailOutput](trails, func(in *cloudtrail.DeleteTrailInput) *string { return in.Name }, func(t *tx, trail *ctTrail, _ *cloudtrail.DeleteTrailInput) error {
		t.lastFile(trail)
		t.cloudtrail().Trails.drop(trail)
		return nil
	})
	opSet[cloudtrail.StartLoggingOutput](trails, func(in *cloudtrail.StartLoggingInput) *string { return in.Name }, func(trail *ctTrail, _ *cloudtrail.StartLoggingInput) { trail.Logging = true })
	opOn(trails, func(in *cloudtrail.GetTrailStatusInput) *string { return in.Name }, func(_ *tx, trail *ctTrail, _ *cloudtrail.GetTrailStatusInput) (*cloudtrail.GetTrailStatusOutput, error) {
		return &cloudtrail.GetTrailStatusOutput{IsLogging: &trail.Logging}, nil
	})
	opOn(trails, func(in *cloudtrail.GetEventSelectorsInput) *string { return in.TrailName }, func(_ *tx, trail *ctTrail, _ *cloudtrail.GetEventSelectorsInput) (*cloudtrail.GetEventSelectorsOutput, error) {
		selectors := trail.Selectors
		if len(selectors) == 0 {
			selectors = []types.EventSelector{{ReadWriteType: types.ReadWriteTypeAll, IncludeManagementEvents: aws.Bool(true)}}
		}
		return &cloudtrail.GetEventSelectorsOutput{TrailARN: trail.V.TrailARN, EventSelectors: selectors}, nil
	})
	opOn(trails, func(in *cloudtrail.PutEventSelectorsInput) *string { return in.TrailName }, func(_ *tx, trail *ctTrail, in *cloudtrail.PutEventSelectorsInput) (*cloudtrail.PutEventSelectorsOutput, error) {
		if n := len(in.EventSelectors); n == 0 || n > 5 {
			return nil, apiError("InvalidEventSelectorsException", "A trail has one to five event selectors")
		}
		trail.Selectors, trail.V.HasCustomEventSelectors = in.EventSelectors, aws.Bool(true)
		return &cloudtrail.PutEventSelectorsOutput{TrailARN: trail.V.TrailARN, EventSelectors: in.EventSelectors}, nil
	})
	op(a, cloudtrail.ServiceID, func(t *tx, in *cloudtrail.ListTagsInput) (*cloudtrail.ListTagsOutput, error) {
		if len(in.ResourceIdList) > 20 {
			return nil, apiError("InvalidParameterException", "20 trails at most")
		}
		var all []types.ResourceTag
		for _, arn := range in.ResourceIdList {
			trail, err := t.trail(&arn)
			if err != nil || arn != *trail.V.TrailARN {
				return nil, apiError("ResourceNotFoundException", "%s does not exist", arn)
			}
			all = append(all, types.ResourceTag{ResourceId: &arn, TagsList: trail.Tags})
		}
		part, next, err := page(t, all, in.NextToken)
		return &cloudtrail.ListTagsOutput{ResourceTagList: part, NextToken: next}, err
	})
	op(a, cloudtrail.ServiceID, func(t *tx, in *cloudtrail.AddTagsInput) (*cloudtrail.AddTagsOutput, error) {
		trail, err := t.trail(in.ResourceId)
		if err != nil {
			return nil, apiError("ResourceNotFoundException", "%s does not exist", aws.ToString(in.ResourceId))
		}
		return &cloudtrail.AddTagsOutput{}, trailTags.add(&trail.Tags, in.TagsList)
	})
}

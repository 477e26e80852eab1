// Package backup holds the kinds of AWS Backup: the vault of the monthly copies, the
// plan that makes them, and the recovery points that it has made.
package backup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	backuptypes "github.com/aws/aws-sdk-go-v2/service/backup/types"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// vault is AWS Backup's vault of a region.
type vault struct {
	backuptypes.BackupVaultListMember
	tags   provision.Tags
	points []backuptypes.RecoveryPointByBackupVault
}

// VaultKind holds the copies of all clients' databases in a region. Its key
// is the region's: AWS asks for one, but copies of Aurora stay under the key of
// their cluster.
func VaultKind() *provision.Type {
	id := func(v *vault) string { return aws.ToString(v.BackupVaultName) }
	return provision.Define(provision.Kind[struct{}, *vault]{
		Name:     "backup/vault",
		ARN:      "backup:backup-vault:",
		Unlisted: func(name string) bool { return name != rules.MonthlyName },
		Levels:   provision.RegionLevel,
		Billing:  provision.Billing[struct{}, *vault]{Free: freeBackup},
		Impact:   provision.Impact[*vault]{Losses: vaultLosses},
		// The role outlives the vault: with it AWS Backup removes what has expired.
		DependsOn: provision.Existing("kms/key", "iam/role"),
		Data: provision.Data[*vault]{
			Policy:    provision.Retain,
			Empty:     func(v *vault) bool { return len(v.points) == 0 },
			ExpiresAt: func(v *vault) time.Time { return lastExpiry(v.points) },
			Needs: func(v *vault) []string {
				needs := []string{aws.ToString(v.EncryptionKeyArn)}
				for _, p := range v.points {
					if _, name, ok := strings.Cut(aws.ToString(p.IamRoleArn), ":role/"); ok && !slices.Contains(needs, name) {
						needs = append(needs, name)
					}
				}
				return needs
			},
		},
		Timing: provision.Timing{Timeout: backupPatience},
		Want:   kit.One(kit.MonthlyRole),
		List:   listVaults,
		Describe: func(ctx context.Context, w *provision.Sweep, v *vault) (err error) {
			v.points, err = recoveryPoints(ctx, w)
			return err
		},
		ID:     id,
		Tags:   func(v *vault) provision.Tags { return v.tags },
		State:  func(v *vault) provision.State { return vaultStates[v.VaultState] },
		Naming: provision.Naming[struct{}, *vault]{Key: id, KeyOf: func(*provision.Scope, struct{}) string { return rules.MonthlyName }},
		Create: func(ctx context.Context, s *provision.Step, _ struct{}) (*vault, error) {
			key := aws.String(s.ID("kms/key", "shared"))
			in := &backup.CreateBackupVaultInput{BackupVaultName: aws.String(rules.MonthlyName), EncryptionKeyArn: key, BackupVaultTags: s.Tags}
			return kit.Get(ctx, s.API.Backup.CreateBackupVault, in, func(o *backup.CreateBackupVaultOutput) *vault {
				return &vault{tags: s.Tags, BackupVaultListMember: backuptypes.BackupVaultListMember{BackupVaultName: o.BackupVaultName, BackupVaultArn: o.BackupVaultArn, EncryptionKeyArn: key}}
			})
		},
		Delete: deleteVault,
		Removal: provision.Removal[*vault]{
			Blockers: func(ctx context.Context, s *provision.Step, _ *vault) (string, error) {
				points, err := recoveryPoints(ctx, provision.NewSweep(s.Scope))
				return strings.Join(kit.Texts(points, func(p backuptypes.RecoveryPointByBackupVault) string {
					return lang.Sprintf("recovery point %s of %s (%s)", aws.ToString(p.RecoveryPointArn), aws.ToString(p.ResourceArn), strings.ToLower(string(p.Status)))
				}), ", "), err
			},
		},
		Retag: retagBackup(func(v *vault) *string { return v.BackupVaultArn }),
		Facts: func(v *vault) []provision.Fact {
			return []provision.Fact{{Name: "copies", Value: fmt.Sprint(len(v.points))}}
		},
		Fields: []provision.Field[struct{}, *vault]{{
			Name: "encryption key",
			Want: func(s *provision.Step, _ struct{}) string { return s.ID("kms/key", "shared") },
			Have: func(v *vault) string { return aws.ToString(v.EncryptionKeyArn) },
			Fix:  lang.Text("AWS Backup cannot give a vault another key: delete the vault with aws backup delete-backup-vault once it is empty, and run again"),
		}},
	})
}

// vaultStates are those of a vault that is not available.
var vaultStates = map[backuptypes.VaultState]provision.State{backuptypes.VaultStateCreating: provision.Pending, backuptypes.VaultStateFailed: provision.Failed}

// listVaults leaves out vaults that cannot be ours by their name.
func listVaults(ctx context.Context, w *provision.Sweep) ([]*vault, error) {
	all, err := vaults(ctx, w)
	if err != nil {
		return nil, err
	}
	found := kit.Chosen(all, func(v backuptypes.BackupVaultListMember) *vault {
		if !monthly(v) {
			return nil
		}
		return &vault{BackupVaultListMember: v}
	})
	return kit.Present(ctx, found, func(ctx context.Context, v *vault) (err error) {
		v.tags, err = backupTags(ctx, w, v.BackupVaultArn)
		return err
	})
}

// deleteVault removes the copies that cicdctl's plan made as well where data may
// be removed. They linger, and so the vault is refused until they are gone.
func deleteVault(ctx context.Context, s *provision.Step, v *vault) error {
	if s.Purge {
		points, err := listRecoveryPoints(ctx, provision.NewSweep(s.Scope))
		if err != nil {
			return err
		}
		err = kit.Each(points, func(p *recoveryPoint) error {
			ours := p.tags[provision.TagManagedBy] == provision.ManagedBy && p.tags[provision.TagRegion] == s.Region
			if !ours || p.Status == backuptypes.RecoveryPointStatusDeleting {
				return nil
			}
			return deleteRecoveryPoint(ctx, s, p)
		})
		if err != nil {
			return err
		}
	}
	err := kit.Do(ctx, s.API.Backup.DeleteBackupVault, &backup.DeleteBackupVaultInput{BackupVaultName: v.BackupVaultName})
	if awsapi.Is(err, awsapi.Denied) { // as AWS also says when another run was quicker
		if left, listErr := vaults(ctx, provision.NewSweep(s.Scope)); listErr == nil && !slices.ContainsFunc(left, monthly) {
			return nil
		}
	}
	return err
}

package price

import "gitlab.com/cicd/cicdctl/internal/lang"

import "strings"

// Products that resources of several services are billed by.

// PublicIPv4 are public IPv4 addresses in use, of whatever service, by the hour ("Identify and
// optimize public IPv4 address usage on AWS", AWS Networking blog: load balancers have them too).
func PublicIPv4(n int64, basis string) Item {
	return Item{What: "public IPv4 addresses", Product: vpc("VPCPublicIPv4Address", "PublicIPv4:InUseAddress"), Quantity: Count(n), Basis: basis}
}

// IdleIPv4 is a public IPv4 address that nothing uses.
func IdleIPv4() Item {
	return Item{What: "public IPv4 addresses that nothing uses", Product: vpc("VPCPublicIPv4Address", "PublicIPv4:IdleAddress"), Quantity: Count(1)}
}

func vpc(group, usage string) Product {
	return Product{Service: "AmazonVPC", Filters: map[string]string{"group": group}, Usage: usage}
}

// TransferOut is data that leaves AWS for the internet.
func TransferOut() Item {
	return Item{What: "data to the internet", Per: ByUse, Product: Product{
		Service: "AWSDataTransfer", RegionField: "fromRegionCode", Usage: "DataTransfer-Out-Bytes",
		Filters: map[string]string{"transferType": "AWS Outbound", "toLocation": "External"},
	}}
}

// Metrics are CloudWatch metrics that are billed like custom ones.
func Metrics(what string) Item {
	return Item{What: what, Per: ByUse, Product: Product{
		Service: "AmazonCloudWatch", Filters: map[string]string{"productFamily": "Metric"}, Usage: "CW:MetricMonitorUsage",
	}}
}

// Alarms are standard CloudWatch alarms: each metric that one is about is billed as an alarm
// (Amazon CloudWatch pricing, "Alarms").
func Alarms(n int64, basis string) Item {
	return Item{What: "alarms, by their metrics", Per: ByMonth, Quantity: Count(n), Basis: basis, Product: alarms("Standard", "CW:AlarmMonitorUsage")}
}

// FastAlarms are alarms on metrics with a resolution of less than a minute.
func FastAlarms(n int64) Item {
	return Item{What: "alarms of high resolution, by their metrics", Per: ByMonth, Quantity: Count(n), Product: alarms("High Resolution", "CW:HighResAlarmMonitorUsage")}
}

func alarms(kind, usage string) Product {
	return Product{Service: "AmazonCloudWatch", Filters: map[string]string{"productFamily": "Alarm", "alarmType": kind}, Usage: usage}
}

// S3Storage is a GB and month in S3 Standard.
func S3Storage() Product {
	return Product{Service: "AmazonS3", Filters: map[string]string{"productFamily": "Storage", "volumeType": "Standard"}, Usage: "TimedStorage-ByteHrs"}
}

// S3Glacier is a GB and month in S3 Glacier Flexible Retrieval.
func S3Glacier() Product {
	return Product{
		Service: "AmazonS3", Filters: map[string]string{"productFamily": "Storage"}, Usage: "TimedStorage-GlacierByteHrs",
		Either: map[string][]string{"operation": {""}}, // those with one are what S3 adds to each object
	}
}

// S3Requests are requests to S3 of a tier ("Tier1" writes and lists, "Tier2" reads), of an
// operation where several share a tier.
func S3Requests(tier, operation string) Product {
	return Product{
		Service: "AmazonS3", Filters: map[string]string{"productFamily": "API Request"}, Usage: "Requests-" + tier,
		Either: map[string][]string{"operation": {operation}},
	}
}

// S3Retrieval is a GB that S3 brings out of Glacier Flexible Retrieval: "Standard", "Bulk" or
// "Expedited". It has the family of fees with some, and none with others.
func S3Retrieval(tier, operation string) Product {
	return Product{Service: "AmazonS3", Usage: tier + "-Retrieval-Bytes", Either: map[string][]string{"operation": {operation}}}
}

// Instances are EC2 machines with Linux, on demand and on shared hardware.
func Instances(instanceType string) Product {
	return Product{Service: "AmazonEC2", Usage: "BoxUsage:" + instanceType, Filters: map[string]string{
		"instanceType": instanceType, "operatingSystem": "Linux", "tenancy": "Shared", "capacitystatus": "Used",
		"preInstalledSw": "NA", "operation": "RunInstances", "licenseModel": "No License required",
	}}
}

// Credits are the CPU credits that a burstable EC2 machine uses beyond those it earns; false
// for machines without credits, whose types do not begin with a t.
func Credits(instanceType string) (Item, bool) {
	family, _, _ := strings.Cut(instanceType, ".")
	return Item{What: lang.Text("CPU credits beyond those earned") + " (" + family + ")", Per: ByUse, Product: Product{
		Service: "AmazonEC2", Filters: map[string]string{"productFamily": "CPU Credits", "operatingSystem": "Linux"}, Usage: "CPUCredits:" + family,
	}}, strings.HasPrefix(family, "t")
}

// GP3 is a GB and month of a gp3 volume, with the IOPS and the throughput that are in its price.
func GP3() Product {
	return Product{Service: "AmazonEC2", Filters: map[string]string{"productFamily": "Storage", "volumeApiName": "gp3"}, Usage: "EBS:VolumeUsage.gp3"}
}

// Aurora is a product of Aurora for an engine ("Aurora MySQL"). Some are the same for both
// engines, and then have "Any".
func Aurora(engine, family, usage string) Product {
	return Product{
		Service: "AmazonRDS", Filters: map[string]string{"productFamily": family}, Usage: usage,
		Either: map[string][]string{"databaseEngine": {engine, "Any"}},
	}
}

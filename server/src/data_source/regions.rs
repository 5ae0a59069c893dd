//! The regions with X-Ray, by partition. Any other can be typed.
//! <https://docs.aws.amazon.com/general/latest/gr/xray.html>

/// A partition's name for people, and its regions.
pub(super) const PARTITIONS: [(&str, &[&str]); 4] = [
    (
        "AWS",
        &[
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-central-1",
            "ca-west-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "mx-central-1",
            "sa-east-1",
        ],
    ),
    ("AWS GovCloud (US)", &["us-gov-east-1", "us-gov-west-1"]),
    ("AWS China", &["cn-north-1", "cn-northwest-1"]),
    ("AWS European Sovereign Cloud", &["eusc-de-east-1"]),
];

/// All of them.
pub(super) fn all() -> Vec<String> {
    PARTITIONS.iter().flat_map(|(_, regions)| *regions).map(ToString::to_string).collect()
}

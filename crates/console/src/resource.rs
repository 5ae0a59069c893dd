//! Addresses of single AWS resources.
//!
//! They are what the consoles of these services show in their own address bars; AWS documents none of them.

use super::{encode, host};

/// What a trace says of an AWS resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource<'a> {
    /// A DynamoDB table, by name.
    Table(&'a str),
    /// An S3 bucket, by name.
    Bucket(&'a str),
    /// An SQS queue, by its URL.
    Queue(&'a str),
    /// An SNS topic, by its ARN.
    Topic(&'a str),
    /// A Lambda function, by name.
    Function(&'a str),
    /// An EC2 instance, by its id.
    Instance(&'a str),
    /// A CloudWatch log group, by name.
    LogGroup(&'a str),
    /// Anything of the above kinds, a state machine too, by its ARN.
    Arn(&'a str),
}

/// The resource's page; `None` in partitions without a public console, and for ARNs of kinds whose page is not known.
/// An ARN's own region comes before `region`.
pub fn resource(region: &str, resource: Resource<'_>) -> Option<String> {
    let page = |region: &str, path: &str, rest: &[&str]| {
        let mut address = [&host(region)?, path, "?region=", &encode(region)].concat();
        address.push_str(&rest.concat());
        Some(address)
    };
    match resource {
        Resource::Table(name) => page(region, "/dynamodbv2/home", &["#table?name=", &encode(name)]),
        Resource::Bucket(name) => page(region, &["/s3/buckets/", &encode(name)].concat(), &[]),
        Resource::Queue(url) => page(region, "/sqs/v3/home", &["#/queues/", &encode(url)]),
        Resource::Topic(arn) => page(region_of(arn).unwrap_or(region), "/sns/v3/home", &["#/topic/", &encode(arn)]),
        Resource::Function(name) => page(region, "/lambda/home", &["#/functions/", &encode(name)]),
        Resource::Instance(id) => page(region, "/ec2/home", &["#InstanceDetails:instanceId=", &encode(id)]),
        Resource::LogGroup(name) => {
            // The console decodes this part twice, and has `$` for `%`.
            let name = encode(&encode(name)).replace('%', "$");
            page(region, "/cloudwatch/home", &["#logsV2:log-groups/log-group/", &name])
        }
        Resource::Arn(arn) => by_arn(region, arn),
    }
}

/// `arn:partition:service:region:account:rest`.
fn by_arn(region: &str, arn: &str) -> Option<String> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, own) = (parts.next()?, parts.next()?);
    let (account, rest) = (parts.next()?, parts.next()?);
    let region = if own.is_empty() { region } else { own };
    let known = match service {
        "dynamodb" => Resource::Table(rest.strip_prefix("table/")?.split('/').next()?),
        "s3" => Resource::Bucket(rest.split('/').next()?),
        "sns" => Resource::Topic(arn),
        "lambda" => Resource::Function(rest.strip_prefix("function:")?.split(':').next()?),
        "ec2" => Resource::Instance(rest.strip_prefix("instance/")?),
        "logs" => Resource::LogGroup(rest.strip_prefix("log-group:")?.trim_end_matches(":*")),
        "sqs" => {
            let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
            let url = ["https://sqs.", region, ".", suffix, "/", account, "/", rest].concat();
            return resource(region, Resource::Queue(&url));
        }
        "states" => {
            let machine = rest.strip_prefix("stateMachine:")?;
            if machine.is_empty() {
                return None;
            }
            let place = [&host(region)?, "/states/home?region=", &encode(region), "#/v2/statemachines/view/"].concat();
            return Some(place + &encode(arn));
        }
        _ => return None,
    };
    resource(region, known)
}

fn region_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(3).filter(|region| !region.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_has_a_page() {
        let host = "https://eu-west-1.console.aws.amazon.com";
        for (asked, expected) in [
            (Resource::Table("orders"), "/dynamodbv2/home?region=eu-west-1#table?name=orders"),
            (Resource::Bucket("my.files"), "/s3/buckets/my%2Efiles?region=eu-west-1"),
            (
                Resource::Queue("https://sqs.eu-west-1.amazonaws.com/1/jobs"),
                "/sqs/v3/home?region=eu-west-1#/queues/https%3A%2F%2Fsqs%2Eeu-west-1%2Eamazonaws%2Ecom%2F1%2Fjobs",
            ),
            (
                Resource::Topic("arn:aws:sns:eu-west-1:1:news"),
                "/sns/v3/home?region=eu-west-1#/topic/arn%3Aaws%3Asns%3Aeu-west-1%3A1%3Anews",
            ),
            (Resource::Function("charge"), "/lambda/home?region=eu-west-1#/functions/charge"),
            (Resource::Instance("i-0a"), "/ec2/home?region=eu-west-1#InstanceDetails:instanceId=i-0a"),
            (
                Resource::LogGroup("/aws/lambda/charge"),
                "/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Faws$252Flambda$252Fcharge",
            ),
            (
                Resource::Arn("arn:aws:dynamodb:eu-west-1:1:table/orders/index/by"),
                "/dynamodbv2/home?region=eu-west-1#table?name=orders",
            ),
            (
                Resource::Arn("arn:aws:lambda:eu-west-1:1:function:charge:3"),
                "/lambda/home?region=eu-west-1#/functions/charge",
            ),
            (
                Resource::Arn("arn:aws:sqs:eu-west-1:1:jobs"),
                "/sqs/v3/home?region=eu-west-1#/queues/https%3A%2F%2Fsqs%2Eeu-west-1%2Eamazonaws%2Ecom%2F1%2Fjobs",
            ),
            (
                Resource::Arn("arn:aws:states:eu-west-1:1:stateMachine:flow"),
                "/states/home?region=eu-west-1#/v2/statemachines/view/arn%3Aaws%3Astates%3Aeu-west-1%3A1%3AstateMachine%3Aflow",
            ),
        ] {
            assert_eq!(resource("eu-west-1", asked), Some([host, expected].concat()), "{asked:?}");
        }
        // An ARN knows its region; what is no ARN, or of another kind, has no page, and neither has another place.
        let other = resource("eu-west-1", Resource::Arn("arn:aws:lambda:us-east-2:1:function:charge")).unwrap();
        assert!(other.starts_with("https://us-east-2.console.aws.amazon.com/lambda/home?region=us-east-2#"), "{other}");
        for nothing in ["", "charge", "arn:aws:lambda", "arn:aws:iam::1:role/x", "arn:aws:ec2:eu-west-1:1:vpc/v"] {
            assert_eq!(resource("eu-west-1", Resource::Arn(nothing)), None, "{nothing}");
        }
        assert_eq!(resource("local", Resource::Table("orders")), None);
    }
}

//! The services of the shop: where each one runs, and (in the modules) what it does when it is asked.

pub(crate) mod accounts;
pub(crate) mod cart;
pub(crate) mod catalogue;
pub(crate) mod checkout;
pub(crate) mod inventory;
pub(crate) mod orders;
pub(crate) mod payment;
pub(crate) mod pricing;
pub(crate) mod recommendations;
pub(crate) mod search;
pub(crate) mod shipping;

use serde_json::{Value, json};

use crate::{dice::Dice, span::Span};

/// Where everything runs.
pub(crate) const REGION: &str = "eu-west-1";
/// Whose it is: AWS's number for documentation.
pub(crate) const ACCOUNT: &str = "123456789012";

/// A service that reports segments.
pub(crate) struct Service {
    /// Its name.
    pub(crate) name: &'static str,
    host: Host,
    version: &'static str,
    language: Language,
}

/// What a service runs on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Host {
    Gateway,
    Ecs,
    Fargate,
    Eks,
    Ec2,
    Beanstalk,
}

/// What a service is written in.
#[derive(Clone, Copy)]
enum Language {
    Java,
    Node,
    Python,
    Go,
    /// It is AWS's own.
    None,
}

const fn service(name: &'static str, host: Host, version: &'static str, language: Language) -> Service {
    Service { name, host, version, language }
}

pub(crate) const GATEWAY: Service = service("shop-api/live", Host::Gateway, "", Language::None);
pub(crate) const STOREFRONT: Service = service("storefront", Host::Ecs, "2026.11.3", Language::Node);
pub(crate) const ACCOUNTS: Service = service("accounts", Host::Fargate, "1.44.0", Language::Go);
pub(crate) const CATALOGUE: Service = service("catalogue", Host::Ecs, "3.18.2", Language::Java);
pub(crate) const SEARCH: Service = service("search", Host::Ec2, "0.97.1", Language::Java);
pub(crate) const INVENTORY: Service = service("inventory", Host::Beanstalk, "2.6.0", Language::Python);
pub(crate) const CART: Service = service("cart", Host::Fargate, "4.1.7", Language::Node);
pub(crate) const CHECKOUT: Service = service("checkout", Host::Ecs, "5.2.0", Language::Java);
pub(crate) const PAYMENT: Service = service("payment", Host::Eks, "1.9.4", Language::Java);
pub(crate) const ORDERS: Service = service("orders", Host::Fargate, "7.0.1", Language::Python);
pub(crate) const FULFILMENT: Service = service("fulfilment", Host::Ecs, "2.3.9", Language::Go);
pub(crate) const SHIPPING: Service = service("shipping", Host::Eks, "1.12.5", Language::Python);

impl Service {
    /// The beginning of its address.
    pub(crate) fn host(&self) -> String {
        match self.host {
            Host::Gateway => "https://shop.example.com".to_owned(),
            _ => format!("http://{}.shop.internal:8080", self.name),
        }
    }

    /// Writes into a segment what ran it: the program, and one of its instances.
    pub(crate) fn describe(&self, segment: &mut Span, dice: &mut Dice) {
        segment.set("origin", json!(self.host.origin()));
        if let Some((runtime, version)) = self.language.runtime() {
            segment.set("service", json!({"version": self.version, "runtime": runtime, "runtime_version": version}));
        }
        let mut aws = self.host.instance(self.name, dice.below(3));
        if let Some((sdk, version)) = self.language.sdk() {
            aws["xray"] = json!({"sdk": sdk, "sdk_version": version});
        }
        segment.set("aws", aws);
        if self.host == Host::Gateway {
            segment
                .set("resource_arn", json!(format!("arn:aws:apigateway:{REGION}::/restapis/k3v9a7e2xq/stages/live")));
        }
    }
}

impl Host {
    fn origin(self) -> &'static str {
        match self {
            Self::Gateway => "AWS::ApiGateway::Stage",
            Self::Ecs => "AWS::ECS::Container",
            Self::Fargate => "AWS::ECS::Fargate",
            Self::Eks => "AWS::EKS::Container",
            Self::Ec2 => "AWS::EC2::Instance",
            Self::Beanstalk => "AWS::ElasticBeanstalk::Environment",
        }
    }

    /// The `aws` of a segment of one of three instances, each in its own zone.
    fn instance(self, name: &str, number: u64) -> Value {
        let zone = format!("{REGION}{}", ["a", "b", "c"][number as usize % 3]);
        // Instances have ids that look as if they meant nothing, and stay the same.
        let mut own = Dice::new(
            number,
            name.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))),
        );
        let (long, short) = (own.bits(), own.bits() >> 44);
        match self {
            Self::Gateway => json!({"api_gateway": {"rest_api_id": "k3v9a7e2xq", "stage": "live"}}),
            Self::Ecs | Self::Fargate => json!({"ecs": {
                "container": name, "container_id": format!("{long:016x}-{short:05x}"), "task_family": name,
                "cluster_arn": format!("arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/shop"),
                "task_arn": format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task/shop/{long:016x}"),
                "availability_zone": zone, "launch_type": if self == Self::Ecs { "EC2" } else { "FARGATE" }
            }}),
            Self::Eks => json!({"eks": {
                "cluster_name": "shop", "pod": format!("{name}-{:08x}-{short:05x}", long >> 32), "container_id": format!("{long:016x}")
            }}),
            Self::Ec2 => json!({"ec2": {
                "instance_id": format!("i-0{long:016x}"), "instance_size": "c7g.xlarge", "availability_zone": zone,
                "ami_id": "ami-0a1b2c3d4e5f60718"
            }}),
            Self::Beanstalk => json!({
                "elastic_beanstalk": {"environment_name": format!("{name}-live"), "version_label": "build-311", "deployment_id": 57},
                "ec2": {"instance_id": format!("i-0{long:016x}"), "availability_zone": zone}
            }),
        }
    }
}

impl Language {
    fn runtime(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Java => Some(("OpenJDK 64-Bit Server VM", "21.0.5")),
            Self::Node => Some(("node", "v22.11.0")),
            Self::Python => Some(("CPython", "3.13.1")),
            Self::Go => Some(("go", "go1.24.2")),
            Self::None => None,
        }
    }

    fn sdk(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Java => Some(("X-Ray for Java", "2.18.2")),
            Self::Node => Some(("X-Ray for Node.js", "3.10.3")),
            Self::Python => Some(("X-Ray for Python", "2.14.0")),
            Self::Go => Some(("X-Ray for Go", "1.8.5")),
            Self::None => None,
        }
    }
}

//! The permission doctor: may we do what we must, and if not, why?

use std::time::Instant;

use api::{
    AwsFailure, Diagnosis,
    about::SourceKind,
    data_source::{Check, CheckOutcome, Trouble},
};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::error::{DisplayErrorContext, ProvideErrorMetadata as _};
use futures::future::join_all;

use super::{DataSources, Known};
use crate::{
    error::Error,
    source::{Job, OPERATIONS, Operation, Probe},
};

/// The operation of STS that tells who we are; nobody needs a permission for it.
const WHO: &str = "GetCallerIdentity";

impl DataSources {
    /// Tries out what a data source may do in a region.
    pub(crate) async fn diagnose(&self, name: &str, region: Option<&str>) -> Result<Diagnosis, Error> {
        let source = self.named(name)?;
        let mut told = Diagnosis {
            source: source.definition.name.clone(),
            region: region.unwrap_or(&source.region).to_owned(),
            policy: policy(),
            ..Diagnosis::default()
        };
        if let Some(why) = &source.unreadable {
            told.trouble = Some(Trouble::UnreadableSecret);
            told.verdict = format!("The secrets of {name} cannot be read: {why}.");
            return Ok(told);
        }
        let xray = self.client_of(&source, region).await?;
        told.region = xray.region.to_string();
        if let Some((trouble, why)) = self.no_credentials(&source).await {
            told.trouble = Some(trouble);
            told.verdict = verdict(&told, &why);
            return Ok(told);
        }
        let mut troubles = Vec::new();
        if source.kind == SourceKind::Aws {
            let (identity, check, trouble) = self.identity(&source, &told.region).await;
            told.identity = identity;
            told.checks.push(check);
            troubles.extend(trouble);
        }
        let knows_us = told.identity.is_some();
        let job = Job::unrecorded();
        let own_endpoint = !source.definition.settings.endpoint.is_empty();
        let probes = OPERATIONS.into_iter().map(|operation| {
            let (xray, job) = (&xray, &job);
            async move {
                let begun = Instant::now();
                let outcome = match operation.probe {
                    Probe::Harmless => xray.probe(job, operation).await,
                    Probe::Costs | Probe::Writes => None,
                };
                (operation, outcome, begun.elapsed().as_millis() as u64)
            }
        });
        for (operation, outcome, elapsed_ms) in join_all(probes).await {
            let (outcome, message) = match &outcome {
                None if operation.probe == Probe::Writes => (CheckOutcome::NotProbed, Some("it writes".to_owned())),
                None => (CheckOutcome::NotProbed, Some("it costs".to_owned())),
                Some(Ok(())) => (CheckOutcome::Allowed, None),
                Some(Err(error)) => {
                    let (outcome, trouble) = judge(error, knows_us, own_endpoint);
                    troubles.extend(trouble.map(|trouble| (trouble, error.to_string())));
                    (outcome, (outcome != CheckOutcome::Allowed).then(|| in_words(error)))
                }
            };
            told.checks.push(check(operation, outcome, message, elapsed_ms));
        }
        let reads = || told.checks.iter().filter(|check| check.outcome != CheckOutcome::NotProbed);
        told.is_well = reads().all(|check| check.outcome == CheckOutcome::Allowed)
            || (source.kind == SourceKind::Aws
                && reads().all(|check| check.outcome == CheckOutcome::Allowed || check.operation == WHO));
        // What holds for every call says more than what one call met.
        let first = troubles.into_iter().next().filter(|_| !told.is_well);
        told.trouble = first.as_ref().map(|(trouble, _)| *trouble);
        told.verdict = verdict(&told, first.as_ref().map_or("", |(_, why)| why));
        Ok(told)
    }

    /// Why there are no credentials to be had; `None` when there are.
    async fn no_credentials(&self, source: &Known) -> Option<(Trouble, String)> {
        let reach = source.reach(&self.http).await;
        // What was cached may be what is to be tested.
        reach.credentials().forget().await;
        let error = reach.try_credentials().await.err()?;
        let role = &source.definition.settings.assume_role_arn;
        Some(without_credentials(&error, role))
    }

    /// Who we are to AWS.
    async fn identity(&self, source: &Known, region: &str) -> (Option<String>, Check, Option<(Trouble, String)>) {
        let begun = Instant::now();
        let answer = source.reach(&self.http).await.sts(region).get_caller_identity().send().await;
        let elapsed_ms = begun.elapsed().as_millis() as u64;
        let mut check = Check {
            operation: WHO.to_owned(),
            action: format!("sts:{WHO}"),
            outcome: CheckOutcome::Allowed,
            message: None,
            elapsed_ms,
        };
        match answer {
            Ok(answer) => (answer.arn().map(str::to_owned), check, None),
            Err(error) => {
                let aws = AwsFailure {
                    operation: WHO.to_owned(),
                    code: error.code().map(str::to_owned),
                    message: error.message().map(str::to_owned),
                    request_id: None,
                };
                let trouble = trouble_of(&aws, true, false);
                let words = aws.code.as_deref().map_or_else(
                    || short(&DisplayErrorContext(&error).to_string()),
                    |code| format!("{code}: {}", aws.message.as_deref().unwrap_or_default()),
                );
                check.outcome = CheckOutcome::Failed;
                check.message = Some(words.clone());
                // STS may be out of reach where X-Ray is not; then that is all there is to say.
                (None, check, trouble.filter(|_| aws.code.is_some()).map(|trouble| (trouble, words)))
            }
        }
    }
}

fn check(operation: Operation, outcome: CheckOutcome, message: Option<String>, elapsed_ms: u64) -> Check {
    let action = format!("xray:{}", operation.name);
    Check { operation: operation.name.to_owned(), action, outcome, message, elapsed_ms }
}

fn in_words(error: &Error) -> String {
    match error {
        Error::Xray(AwsFailure { code: Some(code), message, .. }) => {
            format!("{code}: {}", message.as_deref().unwrap_or_default())
        }
        other => other.to_string(),
    }
}

/// What a failed probe says of its operation, and of the whole data source.
fn judge(error: &Error, knows_us: bool, own_endpoint: bool) -> (CheckOutcome, Option<Trouble>) {
    let Error::Xray(aws) = error else { return (CheckOutcome::Failed, None) };
    match aws.code.as_deref() {
        Some("AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation") => (CheckOutcome::Denied, None),
        // IAM let it pass, and X-Ray found nothing to answer.
        Some("InvalidRequestException" | "ResourceNotFoundException" | "ValidationException") => {
            (CheckOutcome::Allowed, None)
        }
        _ => (CheckOutcome::Failed, trouble_of(aws, own_endpoint, knows_us)),
    }
}

/// What a failure says of the whole data source. One whose key STS knows and X-Ray does not is in a region that is not
/// enabled for the account.
fn trouble_of(aws: &AwsFailure, own_endpoint: bool, knows_us: bool) -> Option<Trouble> {
    let message = aws.message.as_deref().unwrap_or_default().to_ascii_lowercase();
    match aws.code.as_deref() {
        Some("ExpiredTokenException" | "ExpiredToken") => Some(Trouble::ExpiredToken),
        Some("RequestTimeTooSkewed" | "RequestExpired") => Some(Trouble::ClockSkew),
        Some("InvalidSignatureException" | "SignatureDoesNotMatch") => {
            let is_clock = ["signature expired", "not yet current", "skew"].iter().any(|word| message.contains(word));
            Some(if is_clock { Trouble::ClockSkew } else { Trouble::BadCredentials })
        }
        Some("UnrecognizedClientException" | "InvalidClientTokenId" | "MissingAuthenticationTokenException") => {
            Some(if knows_us { Trouble::WrongRegion } else { Trouble::BadCredentials })
        }
        Some(_) => None,
        None => {
            Some(if is_unresolved(&message) && !own_endpoint { Trouble::WrongRegion } else { Trouble::Unreachable })
        }
    }
}

/// Whether a failure is that of a name that stands for no address.
fn is_unresolved(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    ["dns", "lookup", "resolve"].iter().any(|word| message.contains(word))
}

/// Why no credentials could be had.
fn without_credentials(error: &CredentialsError, role: &str) -> (Trouble, String) {
    let why = short(&DisplayErrorContext(error).to_string());
    if matches!(error, CredentialsError::CredentialsNotLoaded(_)) && role.is_empty() {
        return (Trouble::NoCredentials, why);
    }
    let text = why.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let trouble = if says(&["expiredtoken", "expired token", "is expired"]) {
        Trouble::ExpiredToken
    } else if says(&["signature expired", "not yet current", "skew"]) {
        Trouble::ClockSkew
    } else if says(&["invalidclienttokenid", "signaturedoesnotmatch", "unrecognizedclient"]) {
        Trouble::BadCredentials
    } else if says(&["accessdenied", "not authorized", "sts:assumerole"]) {
        Trouble::RefusedRole
    } else if !role.is_empty() && says(&["dispatch failure", "timeout", "timed out", "connect"]) {
        Trouble::Unreachable
    } else {
        Trouble::NoCredentials
    };
    (trouble, why)
}

/// An error's chain of causes without the SDK's debug form of it, which follows in brackets and is long.
fn short(text: &str) -> String {
    let end =
        [" (ProviderError", " (CredentialsNotLoaded", " (InvalidConfiguration", " (Unhandled", " (DispatchFailure"]
            .iter()
            .filter_map(|mark| text.find(mark))
            .min()
            .unwrap_or(text.len());
    text[..end].chars().take(400).collect()
}

/// The sum of it: what is so, then what to do.
fn verdict(told: &Diagnosis, why: &str) -> String {
    let Diagnosis { region, .. } = told;
    let why = if why.is_empty() { String::new() } else { format!(" AWS says: {why}") };
    let denied: Vec<&str> = told
        .checks
        .iter()
        .filter(|check| check.outcome == CheckOutcome::Denied)
        .map(|check| check.action.as_str())
        .collect();
    match told.trouble {
        Some(Trouble::NoCredentials) => format!(
            "There are no credentials to be had. Is the profile right, is a role attached to this machine, are the variables set?{why}"
        ),
        Some(Trouble::BadCredentials) => {
            format!("AWS does not know these keys, or the secret key is mistyped. Enter them again.{why}")
        }
        Some(Trouble::ExpiredToken) => {
            format!(
                "The temporary credentials have expired. Get new ones (aws sso login, or a new session token).{why}"
            )
        }
        Some(Trouble::ClockSkew) => {
            format!(
                "The clock of the machine that Roentgen runs on is wrong; AWS refuses signatures that are more than five minutes off. Set the clock.{why}"
            )
        }
        // No answer of AWS's says so: a machine without a network looks the same.
        Some(Trouble::WrongRegion) if is_unresolved(&why) => format!(
            "The name of X-Ray's address in {region} cannot be resolved: the region is wrong, or this machine has no network or no DNS.{}",
            why.replace(" AWS says: ", " ")
        ),
        Some(Trouble::WrongRegion) => format!(
            "{region} does not answer for this account: it is mistyped, has no X-Ray, or is not enabled for the account.{why}"
        ),
        Some(Trouble::Unreachable) => {
            format!("Nobody answers at the address. Is the endpoint right, and may this machine reach it?{why}")
        }
        Some(Trouble::RefusedRole) => format!(
            "STS does not let us take on the role. Its trust policy must allow our identity and, where it asks for one, this external id; our own policy must allow sts:AssumeRole.{why}"
        ),
        Some(Trouble::UnreadableSecret) | None if !denied.is_empty() => {
            format!("Permissions are missing: {}. Attach the policy below to the role or user.", denied.join(", "))
        }
        Some(Trouble::UnreadableSecret) | None if told.is_well => {
            "All is well: every operation that was probed may be called.".to_owned()
        }
        Some(Trouble::UnreadableSecret) | None => {
            format!("Some operations failed; the table says which and why.{why}")
        }
    }
}

/// The least IAM policy for everything that Roentgen calls.
fn policy() -> String {
    let actions = |writes: bool| -> Vec<String> {
        let all = OPERATIONS.iter().filter(|operation| (operation.probe == Probe::Writes) == writes);
        all.map(|operation| format!("xray:{}", operation.name)).collect()
    };
    let statement = |id: &str, actions: Vec<String>| serde_json::json!({ "Sid": id, "Effect": "Allow", "Action": actions, "Resource": "*" });
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [statement("RoentgenReads", actions(false)), statement("RoentgenChangesGroups", actions(true))],
    });
    serde_json::to_string_pretty(&policy).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aws(code: Option<&str>, message: &str) -> AwsFailure {
        AwsFailure {
            operation: "GetGroups".to_owned(),
            code: code.map(str::to_owned),
            message: Some(message.to_owned()),
            request_id: None,
        }
    }

    #[test]
    fn troubles_are_told_apart() {
        let cases = [
            (
                Some("ExpiredTokenException"),
                "The security token included in the request is expired",
                Trouble::ExpiredToken,
            ),
            (
                Some("InvalidSignatureException"),
                "Signature expired: 20260101T000000Z is now earlier",
                Trouble::ClockSkew,
            ),
            (
                Some("InvalidSignatureException"),
                "The request signature we calculated does not match",
                Trouble::BadCredentials,
            ),
            (
                Some("UnrecognizedClientException"),
                "The security token included in the request is invalid.",
                Trouble::BadCredentials,
            ),
            (None, "dispatch failure: io error: client error (Connect): dns error", Trouble::WrongRegion),
            (None, "dispatch failure: io error: tcp connect error: connection refused", Trouble::Unreachable),
            (None, "no answer in time", Trouble::Unreachable),
        ];
        for (code, message, trouble) in cases {
            assert_eq!(trouble_of(&aws(code, message), false, false), Some(trouble), "{code:?} {message}");
        }
        let unknown = aws(Some("UnrecognizedClientException"), "invalid");
        assert_eq!(trouble_of(&unknown, false, true), Some(Trouble::WrongRegion), "STS knows the key");
        let told = Diagnosis { trouble: Some(Trouble::WrongRegion), ..Diagnosis::default() };
        let said = verdict(&told, "dispatch failure: dns error");
        assert!(
            said.contains("cannot be resolved") && said.contains("no network") && !said.contains("AWS says"),
            "{said}"
        );
        assert!(verdict(&told, "UnrecognizedClientException").contains("does not answer for this account"));
        assert_eq!(trouble_of(&aws(None, "dns error"), true, false), Some(Trouble::Unreachable));
    }

    #[test]
    fn a_refusal_of_nothing_in_particular_is_a_permission() {
        let judged = |code| judge(&Error::Xray(aws(Some(code), "")), false, false).0;
        assert_eq!(judged("InvalidRequestException"), CheckOutcome::Allowed);
        assert_eq!(judged("ResourceNotFoundException"), CheckOutcome::Allowed);
        assert_eq!(judged("AccessDeniedException"), CheckOutcome::Denied);
        assert_eq!(judged("InternalFailure"), CheckOutcome::Failed);
    }

    #[test]
    fn the_policy_has_every_operation_once() {
        let policy: serde_json::Value = serde_json::from_str(&policy()).unwrap();
        let text = policy.to_string();
        for operation in OPERATIONS {
            assert_eq!(text.matches(&format!("\"xray:{}\"", operation.name)).count(), 1, "{}", operation.name);
        }
    }
}

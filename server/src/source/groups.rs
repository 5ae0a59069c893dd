//! The group operations.

use api::{Group, GroupChange};
use aws_sdk_xray::types::InsightsConfiguration;

use super::{Job, XRay, limits};
use crate::error::Error;

impl XRay {
    /// `GetGroups`, all pages.
    pub(crate) async fn groups(&self) -> Result<Vec<Group>, Error> {
        let (job, mut groups, mut token) = (Job::unrecorded(), Vec::new(), None);
        loop {
            let request = self.client.get_groups().set_next_token(token);
            let answer = self
                .call(
                    &job,
                    limits::GET_GROUPS,
                    None,
                    |recorder| request.clone().customize().interceptor(recorder).send(),
                    |answer| answer.groups().len(),
                )
                .await?;
            groups.extend(answer.groups().iter().map(|group| Group {
                name: group.group_name().unwrap_or_default().to_owned(),
                arn: group.group_arn().unwrap_or_default().to_owned(),
                expression: group.filter_expression().unwrap_or_default().to_owned(),
                insights: group.insights_configuration().and_then(InsightsConfiguration::insights_enabled)
                    == Some(true),
            }));
            token = answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
            if token.is_none() {
                return Ok(groups);
            }
        }
    }

    /// `CreateGroup`, `UpdateGroup` or `DeleteGroup`.
    pub(crate) async fn change_group(&self, change: &GroupChange) -> Result<(), Error> {
        let job = Job::unrecorded();
        macro_rules! call {
            ($operation:expr, $request:expr) => {{
                let request = $request;
                let called = self.call(
                    &job,
                    $operation,
                    None,
                    |recorder| request.clone().customize().interceptor(recorder).send(),
                    |_| 0,
                );
                called.await.map(drop)
            }};
        }
        match change {
            GroupChange::Create { name, expression } => {
                call!(limits::CREATE_GROUP, self.client.create_group().group_name(name).filter_expression(expression))
            }
            GroupChange::Update { name, expression } => {
                call!(limits::UPDATE_GROUP, self.client.update_group().group_name(name).filter_expression(expression))
            }
            GroupChange::Delete { name } => {
                call!(limits::DELETE_GROUP, self.client.delete_group().group_name(name))
            }
        }
    }
}

//! The group operations.

use api::{Group, GroupChange};
use aws_sdk_xray::types::InsightsConfiguration;

use super::{XRay, failed};
use crate::error::Error;

impl XRay {
    /// `GetGroups`, all pages.
    pub(crate) async fn groups(&self) -> Result<Vec<Group>, Error> {
        let (mut groups, mut token) = (Vec::new(), None);
        loop {
            let answer = self.client.get_groups().set_next_token(token).send().await;
            let answer = answer.map_err(|error| failed("GetGroups", &error))?;
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
        match change {
            GroupChange::Create { name, expression } => {
                let call = self.client.create_group().group_name(name).filter_expression(expression);
                call.send().await.map(drop).map_err(|error| failed("CreateGroup", &error))
            }
            GroupChange::Update { name, expression } => {
                let call = self.client.update_group().group_name(name).filter_expression(expression);
                call.send().await.map(drop).map_err(|error| failed("UpdateGroup", &error))
            }
            GroupChange::Delete { name } => {
                let call = self.client.delete_group().group_name(name);
                call.send().await.map(drop).map_err(|error| failed("DeleteGroup", &error))
            }
        }
    }
}

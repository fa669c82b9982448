//! Tags of resources.

use super::{Control, Handle, shape};
use crate::api::answers::{ListTagsForResourceOutput, TagResourceOutput, UntagResourceOutput};
use crate::local::registry::{Answer, Caller};
use crate::ops::list_tags_for_resource::ListTagsForResource;
use crate::ops::tag_resource::TagResource;
use crate::ops::untag_resource::UntagResource;

impl Handle for TagResource {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<TagResourceOutput> {
        let tags = shape::tags(Some(self.tags));
        control
            .registry
            .tag_resource(caller, &self.resource_arn, tags)
            .await?;
        Ok(TagResourceOutput {})
    }
}

impl Handle for UntagResource {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<UntagResourceOutput> {
        control
            .registry
            .untag_resource(caller, &self.resource_arn, self.tag_keys)
            .await?;
        Ok(UntagResourceOutput {})
    }
}

impl Handle for ListTagsForResource {
    async fn handle(self, control: &Control, caller: &Caller) -> Answer<ListTagsForResourceOutput> {
        let tags = control
            .registry
            .list_tags(caller, &self.resource_arn)
            .await?;
        Ok(ListTagsForResourceOutput {
            tags: Some(tags.into_iter().map(shape::tag).collect()),
        })
    }
}

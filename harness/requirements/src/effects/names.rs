//! What the names of tools and of their members commonly mean.

/// Actions that make a record.
pub(super) const MAKING: [&str; 8] = ["create", "add", "send", "post", "new", "open", "insert", "register"];
/// Actions that remove one.
pub(super) const REMOVING: [&str; 3] = ["delete", "remove", "destroy"];
/// Actions that show one.
pub(super) const SHOWING: [&str; 5] = ["get", "read", "retrieve", "show", "fetch"];
/// Actions that show many.
pub(super) const LISTING: [&str; 5] = ["list", "search", "query", "find", "all"];
/// Members that filter by what a record holds, the likeliest first.
pub(super) const FILTERS: [&str; 8] = [
    "query",
    "q",
    "search",
    "text",
    "keyword",
    "term",
    "title_contains",
    "contains",
];
/// Members that say how many records a page has.
pub(super) const LIMITS: [&str; 6] = ["limit", "page_size", "per_page", "max_results", "pageSize", "first"];
/// Members that say how many records come before a page.
pub(super) const OFFSETS: [&str; 3] = ["offset", "skip", "start"];
/// Members that take the cursor of a page.
pub(super) const CURSORS: [&str; 5] = ["cursor", "page_token", "pageToken", "after", "next_token"];
/// Members that give the cursor of the next page.
pub(super) const NEXT: [&str; 6] = [
    "next_cursor",
    "nextCursor",
    "next_page_token",
    "nextPageToken",
    "next_token",
    "next",
];
/// Members that hold a text which people read, the best place for a marker first.
pub(super) const TEXTS: [&str; 16] = [
    "title",
    "subject",
    "name",
    "summary",
    "display_name",
    "description",
    "body",
    "content",
    "text",
    "message",
    "note",
    "comment",
    "last_name",
    "justification",
    "reason",
    "email",
];

/// Domain and resource, and action, of a key such as `itsm.tickets.create`.
pub(super) fn split(key: &str) -> Option<(&str, &str)> {
    key.rsplit_once('.').filter(|(resource, _)| resource.contains('.'))
}

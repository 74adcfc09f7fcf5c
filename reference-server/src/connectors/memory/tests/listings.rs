//! Which records a list gives, in which order, on which page.

use super::*;

#[tokio::test]
async fn each_filter_lets_pass_what_it_says() {
    let vendors = Vendors::new();
    for (tool, input, expected) in [
        // equal
        (
            "itsm.tickets.list",
            json!({ "assignee_id": "usr_anand" }),
            json!(["INC0010004", "INC0010001"]),
        ),
        (
            "communication.channels.list",
            json!({ "archived": true }),
            json!(["C0XMAS25"]),
        ),
        // contains
        (
            "calendar.events.list",
            json!({ "title_contains": "STORE" }),
            json!(["evt_8001"]),
        ),
        // at least, at most
        (
            "crm.deals.list",
            json!({ "amount": { "at_least": 48000.0, "at_most": 48000 } }),
            json!(["DEAL-701"]),
        ),
        // above, below
        (
            "ecommerce.products.list",
            json!({ "price_above": 398.5, "price_below": 399.5 }),
            json!(["PRD-201"]),
        ),
        (
            "ecommerce.products.list",
            json!({ "price_above": 399, "price_below": 399.5 }),
            json!([]),
        ),
        (
            "ecommerce.products.list",
            json!({ "price_above": 398.5, "price_below": 399 }),
            json!([]),
        ),
        // any of
        (
            "ecommerce.orders.list",
            json!({ "status": ["paid"] }),
            json!(["ORD-40001"]),
        ),
        // includes
        (
            "crm.contacts.list",
            json!({ "tag": "key-account" }),
            json!(["CON-3001"]),
        ),
        // mentions, at any depth
        ("identity.users.list", json!({ "query": "4411" }), json!(["usr_1001"])),
        (
            "itsm.tickets.list",
            json!({ "query": "TUNNEL closes" }),
            json!(["INC0010001"]),
        ),
        // several
        (
            "itsm.tickets.list",
            json!({ "query": "tunnel", "status": "closed" }),
            json!([]),
        ),
        // every word
        (
            "crm.contacts.search",
            json!({ "query": "leila hamburg", "email_domain": "@nordwind.example" }),
            json!(["CON-3001"]),
        ),
        ("crm.contacts.search", json!({ "query": "leila tokyo" }), json!([])),
        (
            "crm.contacts.search",
            json!({ "query": "leila", "min_lead_score": 82.5 }),
            json!([]),
        ),
    ] {
        assert_eq!(
            json!(vendors.ids(tool, input.clone()).await),
            expected,
            "{tool}: {input}"
        );
    }
}

#[tokio::test]
async fn times_compare_as_times_and_days_as_days() {
    let vendors = Vendors::new();
    // 16:40 in UTC.
    for (since, total) in [
        ("2026-01-12T16:40:00Z", 1),
        ("2026-01-12T17:40:00+01:00", 1),
        ("2026-01-12T16:40:00.001Z", 0),
        ("2026-01-12T17:40:00+00:30", 0),
        ("2026-01-12", 1),
        ("2026-01-13", 0),
        ("no time", 0),
    ] {
        let page = vendors
            .call("itsm.tickets.list", json!({ "updated_since": since }))
            .await
            .unwrap();
        assert_eq!(page["total"], total, "{since}");
    }
    // A range of days holds its last one.
    let input = json!({ "query": "password", "filters": { "changed": ["2026-01-03", "2026-01-03"] } });
    assert_eq!(vendors.ids("knowledge.articles.search", input).await, ["KB-101"]);
}

#[tokio::test]
async fn the_latest_change_comes_first() {
    let vendors = Vendors::new();
    let before = vendors.ids("itsm.tickets.list", json!({})).await;
    assert_eq!(
        before,
        ["INC0010005", "INC0010004", "INC0010003", "INC0010002", "INC0010001"]
    );
    let changes = json!({ "ticket_id": "INC0010002", "changes": { "status": "on_hold" } });
    vendors.call("itsm.tickets.update", changes).await.unwrap();
    vendors.call("itsm.tickets.create", ticket("Newest")).await.unwrap();
    let after = vendors.ids("itsm.tickets.list", json!({ "limit": 3 })).await;
    assert_eq!(after, ["INC0010101", "INC0010002", "INC0010005"]);
}

#[tokio::test]
async fn the_input_can_ask_for_another_order() {
    let vendors = Vendors::new();
    let ids = async |sort: Value| vendors.ids("ecommerce.orders.list", json!({ "sort": sort })).await;
    let ascending = ids(json!({ "by": "created_at", "direction": "ascending" })).await;
    assert_eq!(ascending, ["ORD-40001", "ORD-40002", "ORD-40003"]);
    let descending = ids(json!({ "by": "created_at" })).await;
    assert_eq!(descending, ["ORD-40003", "ORD-40002", "ORD-40001"]);
    let page = json!({ "sort": { "by": "customer_email", "direction": "ascending" } });
    let page = vendors.call("ecommerce.orders.list", page).await.unwrap();
    let emails = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| order["customer_email"].as_str());
    assert!(emails.is_sorted());
}

#[tokio::test]
async fn offsets_lead_through_all_pages() {
    let vendors = Vendors::new();
    let all = vendors.ids("itsm.tickets.list", json!({})).await;
    let (mut seen, mut offset) = (Vec::new(), json!(0));
    while !offset.is_null() {
        let input = json!({ "limit": 2.0, "offset": offset });
        let page = vendors.call("itsm.tickets.list", input).await.unwrap();
        assert_eq!(page["total"], 5);
        seen.extend(ids(&page));
        offset = page["next_offset"].clone();
    }
    assert_eq!(seen, all);
    let beyond = vendors
        .call("itsm.tickets.list", json!({ "offset": 100_000 }))
        .await
        .unwrap();
    assert_eq!(beyond, json!({ "items": [], "total": 5, "next_offset": null }));
}

#[tokio::test]
async fn cursors_lead_through_all_pages_whatever_is_created_meanwhile() {
    let vendors = Vendors::new();
    let all = vendors.ids("crm.contacts.list", json!({})).await;
    let (mut seen, mut input) = (Vec::new(), json!({ "limit": 1 }));
    loop {
        let page = vendors.call("crm.contacts.list", input).await.unwrap();
        seen.extend(ids(&page));
        let contact = json!({ "last_name": "Meanwhile", "email": "m@b.example" });
        vendors.call("crm.contacts.create", contact).await.unwrap();
        if page["next_cursor"].is_null() {
            break;
        }
        input = json!({ "limit": 1, "cursor": page["next_cursor"] });
    }
    assert_eq!(seen, all);
}

#[tokio::test]
async fn a_cursor_that_no_page_gave_is_refused() {
    let vendors = Vendors::new();
    for cursor in [
        "1",
        "after-",
        "after-+1",
        "after-01",
        "after-A",
        "after-fffffffffffffffff",
        "ä",
    ] {
        let answer = vendors.call("crm.contacts.list", json!({ "cursor": cursor })).await;
        assert_eq!(status(answer), 400, "{cursor}");
    }
}

#[test]
fn counts_are_bounded_whatever_the_number() {
    use crate::connectors::memory::account::Account;
    use crate::connectors::memory::behavior::Behavior;
    use crate::connectors::memory::operations::Call;

    let paging = json!({ "limit": "/limit", "default": 25, "offset": "/offset" });
    let behavior = json!({ "operation": "list", "collection": "things", "paging": paging });
    let behavior = Behavior::read(&behavior).unwrap();
    let things: Vec<_> = (0..1100).map(|number| json!({ "id": number.to_string() })).collect();
    let mut account = Account::seeded(&[("things".to_owned(), things)].into());
    for (input, items) in [
        (json!({}), 25),
        (json!({ "limit": 0 }), 1),
        (json!({ "limit": -3 }), 1),
        (json!({ "limit": 1e300 }), 1000),
        (json!({ "limit": u64::MAX, "offset": u64::MAX }), 0),
        (json!({ "limit": 7, "offset": -1e300 }), 7),
        (json!({ "limit": "many", "offset": null }), 25),
    ] {
        let page = Call::new(&input, noon()).perform(&behavior, &mut account).unwrap();
        let page = page.into_value();
        assert_eq!(ids(&page).len(), items, "{input}");
    }
}

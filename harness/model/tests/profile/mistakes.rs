//! Every mistake, with its place and its words.

use crate::{assert_mistakes, parse};

/// The lines after `[target]`, the text that the error points at, and its message.
const MISTAKES: &[(&str, &str, &str)] = &[
    // Tables and keys.
    ("[keyz]", "keyz", "unknown table `keyz`; did you mean `keys`?"),
    (
        "[bogus]",
        "bogus",
        "unknown table `bogus`; those that exist are target, keys, connections, safety, inputs, \
         effects, approvals, upstream, slo, dialect",
    ),
    (
        "[upstream]\nconn_1 = { domain = \"itsm\", vendor = \"jira\", listen = \"localhost\" }",
        "\"localhost\"",
        "`listen` in [upstream.conn_1]: `localhost` is no address to listen on",
    ),
    (
        "[upstream.conn_1]\ndomain = \"itsm\"\nvendor = \"jira\"\nlisten = \"127.0.0.1:1\"\nlimit = \"0s\"",
        "\"0s\"",
        "`limit` in [upstream.conn_1]: expected a duration above zero",
    ),
    (
        "[upstream.conn_1]\ndomain = \"itsm\"\ncommand = [\"./faults\"]\nlisten = \"127.0.0.1:1\"",
        "\"127.0.0.1:1\"",
        "`listen` in [upstream.conn_1]: either `command` has the vendor fail, or the run plays it: leave out the one or the other",
    ),
    (
        "[upstream.conn_1]\ndomain = \"itsm\"\nvendor = \"jira\"\nlisten = \"127.0.0.1:1\"\nwait = \"1s\"",
        "\"1s\"",
        "`wait` in [upstream.conn_1]: it is how long `command` may take, and there is none",
    ),
    (
        "[upstream.conn_1]\ndomain = \"itsm\"\ncommand = []",
        "[]",
        "`command` in [upstream.conn_1]: expected a program and its arguments such as [\"./faults\", \"--env\", \"staging\"], found \
         an empty list",
    ),
    (
        "[upstream]\n\
         a = { domain = \"itsm\", vendor = \"jira\", listen = \"127.0.0.1:1\" }\n\
         b = { domain = \"itsm\", vendor = \"jira\", listen = \"127.0.0.1:1\" }",
        "{ domain = \"itsm\", vendor = \"jira\", listen = \"127.0.0.1:1\" }",
        "`b` in [upstream]: `a` is played at 127.0.0.1:1 too: give each a port of its own",
    ),
    (
        "[keys]\nprimry = \"a\"",
        "primry",
        "unknown key `primry` in [keys]; did you mean `primary`?",
    ),
    (
        "tiemout = \"1s\"",
        "tiemout",
        "unknown key `tiemout` in [target]; did you mean `timeout`?",
    ),
    (
        "[safety]\nspeed = 1",
        "speed",
        "unknown key `speed` in [safety]; those that exist are allow, allow_tools, deny_tools, max_requests, rate, \
         max_effects",
    ),
    (
        "[connections.nonne]",
        "nonne",
        "unknown table `nonne` in [connections]; did you mean `none`?",
    ),
    (
        "[connections]\ninactive = { domain = \"a\", ident = \"b\" }",
        "ident",
        "unknown key `ident` in [connections.inactive]; those that exist are domain, id",
    ),
    (
        "[inputs.\"a.b\"]\nvalue = 1",
        "value",
        "unknown key `value` in [inputs.\"a.b\"]; did you mean `values`?",
    ),
    (
        "[dialect]\nkeyfield = \"k\"",
        "keyfield",
        "unknown key `keyfield` in [dialect]; did you mean `key_field`?",
    ),
    (
        "[inputs.itsm.tickets.get]",
        "itsm",
        "`itsm` in [inputs] is only a part of a tool's key: `tickets` is no key of it",
    ),
    // Objectives.
    (
        "[slo.reads]\np99 = \"1s\"",
        "reads",
        "[slo]: `reads` is neither a risk level nor a tool's key; did you mean `read`?",
    ),
    (
        "[slo]\np99 = \"1s\"",
        "p99",
        "[slo]: `p99` is promised of a risk level, or of a tool",
    ),
    (
        "[slo.itsm.tickets.list]\np99 = \"1s\"",
        "itsm",
        "[slo]: `itsm` is only a part of a tool's key",
    ),
    (
        "[slo.read]\np98 = \"1s\"",
        "p98",
        "unknown key `p98` in [slo.read]; did you mean `p90` or `p95` or `p99`?",
    ),
    (
        "[slo.\"a.b\"]\np99 = 300",
        "300",
        "`p99` in [slo.\"a.b\"]: expected a duration such as \"30s\" or \"1m30s\", found an integer",
    ),
    (
        "[slo.read]\np99 = \"0s\"",
        "\"0s\"",
        "`p99` in [slo.read]: expected a duration above zero",
    ),
    (
        "[slo.read]\np99.9 = \"1s\"",
        "p99",
        "`p99` in [slo.read]: expected a duration such as \"300ms\", found a table",
    ),
    (
        "[slo.read]\np50 = \"300ms\"\np99 = \"200ms\"",
        "\"200ms\"",
        "`p99` in [slo.read]: expected no less than `p50`, which is 300ms",
    ),
    (
        "[slo.read]",
        "[slo.read]",
        "`read` in [slo]: it promises nothing: write such as p99 = \"300ms\"",
    ),
    (
        "[slo.read]\nerror_rate = 2",
        "2",
        "`error_rate` in [slo.read]: expected a part of all calls such as 0.001 or \"0.1%\", from 0 to 1",
    ),
    (
        "[slo.read]\nerror_rate = \"101%\"",
        "\"101%\"",
        "`error_rate` in [slo.read]: expected a part of all calls such as 0.001 or \"0.1%\", from 0 to 1",
    ),
    (
        "[slo.read]\nerror_rate = true",
        "true",
        "`error_rate` in [slo.read]: expected a part of all calls such as 0.001 or \"0.1%\", found a boolean",
    ),
    ("[inputs.\"\"]", "\"\"", "[inputs]: a tool's key cannot be empty"),
    // Types.
    ("[[keys]]", "[[keys]]", "[keys]: expected a table, found a list"),
    (
        "timeout = 30",
        "30",
        "`timeout` in [target]: expected a duration such as \"30s\" or \"1m30s\", found an integer",
    ),
    (
        "ca_file = true",
        "true",
        "`ca_file` in [target]: expected a file's path such as \"company-ca.pem\", found a boolean",
    ),
    (
        "headers = [\"a\"]",
        "[\"a\"]",
        "`headers` in [target]: expected a table such as { X-Tenant = \"${HUB_TENANT}\" }, found a list",
    ),
    (
        "[keys]\nprimary = 5",
        "5",
        "`primary` in [keys]: expected a string such as \"${HUB_KEY_PRIMARY}\", found an integer",
    ),
    (
        "[keys]\ndisposable = \"yes\"",
        "\"yes\"",
        "`disposable` in [keys]: expected true or false, found a string",
    ),
    (
        "[connections]\nnone = \"crm\"",
        "\"crm\"",
        "`none` in [connections]: expected a list of domains such as [\"payments\"], found a string",
    ),
    (
        "[connections]\nnone = [\"crm\", 1.5]",
        "1.5",
        "`none` in [connections]: expected a domain such as \"itsm\", found a float",
    ),
    (
        "[connections.default]\nitsm = [\"c\"]",
        "[\"c\"]",
        "`itsm` in [connections.default]: expected a connection's id such as \"conn_123\", found a list",
    ),
    (
        "[connections.explicit]\nitsm = \"c\"",
        "\"c\"",
        "`itsm` in [connections.explicit]: expected a list of connection ids such as [\"conn_123\"], found a string",
    ),
    (
        "[connections]\nforeign = \"c\"",
        "\"c\"",
        "`foreign` in [connections]: expected a table such as { domain = \"itsm\", id = \"conn_123\" }, found a string",
    ),
    (
        "[safety]\nallow = 2026-01-05",
        "2026-01-05",
        "`allow` in [safety]: expected a level such as \"read\", found a date-time",
    ),
    (
        "[safety]\nmax_requests = \"9\"",
        "\"9\"",
        "`max_requests` in [safety]: expected a number of requests such as 5000, found a string",
    ),
    (
        "[safety]\nrate = true",
        "true",
        "`rate` in [safety]: expected requests a second such as 50 or \"50/s\", found a boolean",
    ),
    (
        "[safety]\ndeny_tools = [1]",
        "1",
        "`deny_tools` in [safety]: expected a glob such as \"itsm.*\", found an integer",
    ),
    (
        "[inputs]\n\"a.b\" = 1",
        "1",
        "`a.b` in [inputs]: expected a table with examples, values or leave, found an integer",
    ),
    (
        "[inputs.\"a.b\"]\nexamples = [\"x\"]",
        "\"x\"",
        "`examples` in [inputs.\"a.b\"]: expected an input such as { ticket_id = \"INC0010001\" }, found a string",
    ),
    (
        "[inputs.\"a.b\"]\nvalues = []",
        "[]",
        "`values` in [inputs.\"a.b\"]: expected a table such as { \"/ticket_id\" = \"INC0010001\" }, found a list",
    ),
    (
        "[dialect]\ntools_at = 1",
        "1",
        "`tools_at` in [dialect]: expected a JSON Pointer such as \"/data/tools\", found an integer",
    ),
    // Variables.
    (
        "ca_file = \"/etc/${UNSET}.pem\"",
        "${UNSET}",
        "`ca_file` in [target]: the environment variable UNSET is not set",
    ),
    (
        "ca_file = \"\\u0061${UNSET}\"",
        "\"\\u0061${UNSET}\"",
        "`ca_file` in [target]: the environment variable UNSET is not set",
    ),
    (
        "ca_file = \"${A\"",
        "${A",
        "`ca_file` in [target]: `${` has no `}` after it",
    ),
    (
        "[inputs.\"a.b\"]\nvalues = { \"/x\" = [{ y = '${A:-b}' }] }",
        "${A:-b}",
        "`/x` in [inputs.\"a.b\".values]: expected the name of an environment variable between `${` and `}`",
    ),
    // Keys.
    (
        "[keys]\nprimary = \"\"",
        "\"\"",
        "`primary` in [keys]: the key is empty",
    ),
    (
        "[keys]\nprimary = \"${EMPTY}\"",
        "\"${EMPTY}\"",
        "`primary` in [keys]: the environment variable EMPTY is empty",
    ),
    (
        "[keys]\nprimary = \"${ODD}\"",
        "\"${ODD}\"",
        "`primary` in [keys]: it has a character that cannot be sent in a header",
    ),
    (
        "[keys]\nsecondary = \"hub_sk_secret\"\nprimary = \"${SECRET}\"",
        "\"hub_sk_secret\"",
        "`secondary` in [keys]: it is the same key as `primary`",
    ),
    (
        "[keys]\nshared_a = \"${SECRET}\"\nshared_b = \"${ENDS_IN_A_LINE}\"",
        "\"${ENDS_IN_A_LINE}\"",
        "`shared_b` in [keys]: it is the same key as `shared_a`",
    ),
    (
        "[keys]\nrestricted_tool = \"\"",
        "\"\"",
        "`restricted_tool` in [keys]: expected a tool's key such as \"itsm.tickets.delete\", found an empty one",
    ),
    // The target.
    (
        "timeout = \"30\"",
        "\"30\"",
        "`timeout` in [target]: `30` has no unit: write `30ms`, `30s`, `30m` or `30h`",
    ),
    (
        "timeout = \"0s\"",
        "\"0s\"",
        "`timeout` in [target]: expected a duration above zero",
    ),
    (
        "connect_timeout = \"${SECRET}\"",
        "\"${SECRET}\"",
        "`connect_timeout` in [target]: the variable's value is no duration such as \"30s\"",
    ),
    (
        "settle = \"soon\"",
        "\"soon\"",
        "`settle` in [target]: `soon` has no number before its unit: write `30s`",
    ),
    (
        "exclusive = 1",
        "1",
        "`exclusive` in [target]: expected true or false, found an integer",
    ),
    (
        "headers = { \"X Y\" = \"a\" }",
        "\"X Y\"",
        "`headers` in [target]: `X Y` is no header's name (RFC 9110 §5.6.2)",
    ),
    (
        "headers.X-Y = \"a\\nb\"",
        "\"a\\nb\"",
        "`X-Y` in [target.headers]: it has a character that cannot be sent in a header",
    ),
    // Connections.
    (
        "[connections.inactive]\nid = \"c\"",
        "[connections.inactive]",
        "`domain` is missing in [connections.inactive]",
    ),
    (
        "[connections]\nforeign = { domain = \"a\" }",
        "{ domain = \"a\" }",
        "`id` is missing in [connections.foreign]",
    ),
    (
        "[connections.explicit]\nitsm = []",
        "[]",
        "`itsm` in [connections.explicit]: the list is empty: leave it out",
    ),
    (
        "[connections.by_connector]\na = [\"c\"]\nb = [\"d\", \"c\"]",
        "b",
        "`by_connector` in [connections]: a connection of it is one of `a` too",
    ),
    (
        "[connections.by_connector]\n\"\" = [\"c\"]",
        "\"\"",
        "`by_connector` in [connections]: a connector's name cannot be empty",
    ),
    (
        "[connections.default]\n\"\" = \"c\"",
        "\"\"",
        "`default` in [connections]: a domain's name cannot be empty",
    ),
    (
        "[connections]\nnone = [\"crm\"]\ndefault.crm = \"c\"",
        "[\"crm\"]",
        "`none` in [connections]: `crm` has a connection in `default` or `explicit`",
    ),
    (
        "[connections]\ninactive = { domain = \"a\", id = \"c\" }\nexplicit.a = [\"c\"]",
        "{ domain = \"a\", id = \"c\" }",
        "`inactive` in [connections]: the same connection stands in `default` or `explicit`, which are for those that work",
    ),
    // Safety.
    (
        "[safety]\nallow = \"wirte\"",
        "\"wirte\"",
        "`allow` in [safety]: `wirte` is not a level; did you mean `write`?",
    ),
    (
        "[safety]\nallow = \"${SECRET}\"",
        "\"${SECRET}\"",
        "`allow` in [safety]: `${SECRET}` is not a level; those that exist are read, probe, write, destructive, admin",
    ),
    (
        "[keys]\nshared_limit = \"many\"",
        "\"many\"",
        "`shared_limit` in [keys]: expected a number of calls such as 600, found a string",
    ),
    (
        "[safety]\nmax_requests = 0",
        "0",
        "`max_requests` in [safety]: expected a number of requests above zero, of at most 64 bits",
    ),
    (
        "[safety]\nmax_effects = 0",
        "0",
        "`max_effects` in [safety]: expected a number of executes above zero, of at most 64 bits",
    ),
    (
        "[safety]\nrate = \"50/m\"",
        "\"50/m\"",
        "`rate` in [safety]: expected requests a second such as 50 or \"50/s\", from 0.001 to 1000000",
    ),
    (
        "[safety]\nrate = 0",
        "0",
        "`rate` in [safety]: expected requests a second such as 50 or \"50/s\", from 0.001 to 1000000",
    ),
    (
        "[safety]\nrate = inf",
        "inf",
        "`rate` in [safety]: expected requests a second such as 50 or \"50/s\", from 0.001 to 1000000",
    ),
    (
        "[safety]\nallow_tools = [\"\"]",
        "\"\"",
        "`allow_tools` in [safety]: expected a glob such as \"itsm.*\", found an empty one",
    ),
    // Inputs.
    (
        "[inputs.\"a.b\".values]\nticket_id = 1",
        "ticket_id",
        "`values` in [inputs.\"a.b\"]: a JSON Pointer begins with `/`",
    ),
    (
        "[inputs.\"a.b\"]\nleave = [\"/a~2\"]",
        "\"/a~2\"",
        "`leave` in [inputs.\"a.b\"]: in a JSON Pointer, `~` stands only in `~0` (for `~`) and `~1` (for `/`)",
    ),
    (
        "[inputs.\"a.b\"]\nleave = [\"\"]",
        "\"\"",
        "`leave` in [inputs.\"a.b\"]: an empty JSON Pointer is the whole input: use `examples` for whole inputs",
    ),
    (
        "[inputs.\"a.b\".values]\n\"/a\" = []",
        "[]",
        "`/a` in [inputs.\"a.b\".values]: the list is empty: name at least one value",
    ),
    (
        "[inputs.\"a.b\".values]\n\"/a\" = nan",
        "nan",
        "`/a` in [inputs.\"a.b\".values]: JSON has no such number",
    ),
    (
        "[inputs.\"a.b\".values]\n\"/a\" = 18446744073709551616",
        "18446744073709551616",
        "`/a` in [inputs.\"a.b\".values]: the integer does not fit into 64 bits",
    ),
    (
        "[inputs.\"a.b\"]\nleave = [\"/a\"]\nvalues = { \"/a\" = 1 }",
        "[\"/a\"]",
        "`leave` in [inputs.\"a.b\"]: `/a` stands in `values` too",
    ),
    // The dialect.
    (
        "[dialect]\ncursor_at = \"next\"",
        "\"next\"",
        "`cursor_at` in [dialect]: a JSON Pointer begins with `/`",
    ),
    (
        "[dialect]\nkey_field = \" \"",
        "\" \"",
        "`key_field` in [dialect]: expected a member's name such as \"tool_key\", found an empty one",
    ),
    (
        "[dialect]\nlimit_header = \"X-Limit: 5\"",
        "\"X-Limit: 5\"",
        "`limit_header` in [dialect]: `X-Limit: 5` is not a header's name",
    ),
    (
        "[dialect]\nreset_unit = \"seconds\"",
        "\"seconds\"",
        "`reset_unit` in [dialect]: `seconds` is not a unit; those that exist are \
         delta_seconds, epoch_seconds, epoch_milliseconds, date",
    ),
    // TOML itself.
    (
        "[keys]\nprimary = hub_sk_secret",
        "hub_sk_secret",
        "not valid TOML: string values must be quoted, expected literal string",
    ),
    (
        "timeout = \"1s\"\ntimeout = \"2s\"",
        "timeout",
        "not valid TOML: duplicate key",
    ),
    ("[keys", "", "not valid TOML: unclosed table, expected `]`"),
];

#[test]
fn every_mistake_has_its_place_and_its_words() {
    assert_mistakes(MISTAKES);
}

#[test]
fn a_url_that_no_hub_can_have_is_pointed_at() {
    for (url, message) in [
        ("\"hub.example\"", "expected a URL that begins with http:// or https://"),
        ("\"ftp://hub.example\"", "expected the scheme http or https"),
        ("\"https://\"", "the URL has no host"),
        (
            "\"https://me:hub_sk_secret@hub.example\"",
            "a URL with a user name or password is not taken: keys belong in [keys]",
        ),
        (
            "\"https://hub.example?key=hub_sk_secret\"",
            "a base URL has no query and no fragment",
        ),
        ("\"https://hub.example/#a\"", "a base URL has no query and no fragment"),
        (
            "\"\"",
            "expected a URL such as \"https://hub.example/api/v1\", found an empty one",
        ),
        (
            "8080",
            "expected a URL such as \"https://hub.example/api/v1\", found an integer",
        ),
    ] {
        let text = format!("[target]\nurl = {url}");
        let fault = parse(&text).unwrap_err();
        assert_eq!(fault.message, format!("`url` in [target]: {message}"));
        assert_eq!(&text[fault.span.unwrap()], url);
    }
}

#[test]
fn help_says_what_to_do() {
    for (text, place, help) in [
        (
            "",
            None,
            "say where the hub is: [target] url = \"https://hub.example/api/v1\"",
        ),
        (
            "[target]\n",
            Some("[target]"),
            "say where the hub is: [target] url = \"https://hub.example/api/v1\"",
        ),
        (
            "url = \"https://hub.example\"",
            Some("url"),
            "every key stands in a table: begin with [target]",
        ),
        ("[target]\nurl = \"${UNSET}\"", Some("${UNSET}"), "export UNSET=…"),
        ("[target]\nurl = \"${\"", Some("${"), "write $${ for a literal ${"),
        (
            "[target]\nurl = \"https://h\"\n[inputs.itsm.tickets.get]",
            Some("itsm"),
            "put the tool's whole key into quotes: [inputs.\"domain.resource.action\"]",
        ),
        (
            "[target]\nurl = \"https://h\"\n[keys]\nprimary = \"${EMPTY}\"",
            Some("\"${EMPTY}\""),
            "export EMPTY=…",
        ),
    ] {
        let fault = parse(text).unwrap_err();
        assert_eq!(fault.help.as_deref(), Some(help), "{text}");
        assert_eq!(fault.span.map(|span| &text[span]), place, "{text}");
    }
}

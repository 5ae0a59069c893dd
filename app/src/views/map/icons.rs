//! Small drawings of what kind of service a node is, in our own lines.

/// A drawing of 16 by 16 units for a node's type, by what the type is called.
pub(super) fn icon(kind: &str) -> &'static str {
    let found = ICONS.iter().find(|(part, _)| kind.contains(part));
    found.map_or(SERVICE, |(_, path)| path)
}

/// A box with a lid: a program of one's own.
const SERVICE: &str = "M2.5 4.5L8 2l5.5 2.5v7L8 14l-5.5-2.5zM2.5 4.5L8 7l5.5-2.5M8 7v7";

const ICONS: [(&str, &str); 11] = [
    // Somebody at a desk.
    ("client", "M8 2.2a2.6 2.6 0 1 0 .01 0zM2.8 14c.3-3 2.3-4.6 5.2-4.6s4.9 1.6 5.2 4.6"),
    // Away from here.
    ("remote", "M3.5 12.5l9-9M6.5 3.5h6v6"),
    ("Lambda", "M3 13.5L7 6.2 5.6 3H8l4.6 10.5H13"),
    // A table.
    ("DynamoDB", "M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.6h11M6.5 3v10"),
    // A line of letters.
    ("SQS", "M1.5 5.5h4v5h-4zM6.8 5.5h4v5h-4zM12.2 5.5h2.3v5h-2.3"),
    // To many.
    ("SNS", "M3.5 8h3M6.5 8l5-4.5M6.5 8h5.5M6.5 8l5 4.5M2 8a1 1 0 1 0 2 0 1 1 0 1 0-2 0"),
    // A bucket.
    ("S3", "M3 4h10l-1.4 9.5H4.4zM3 4c0-.8 2.2-1.5 5-1.5s5 .7 5 1.5-2.2 1.5-5 1.5S3 4.8 3 4z"),
    // A door.
    ("ApiGateway", "M2.5 3v10M13.5 3v10M5 8h6M9 6l2 2-2 2"),
    // Boxes on a ship.
    ("ECS", "M2.5 9h3.4v3.5H2.5zM6.3 9h3.4v3.5H6.3zM10.1 9h3.4v3.5h-3.4zM4.4 5h3.4v3.5H4.4zM8.2 5h3.4v3.5H8.2z"),
    // A drum.
    ("SQL", "M3 4.3c0-1 2.2-1.8 5-1.8s5 .8 5 1.8-2.2 1.8-5 1.8-5-.8-5-1.8zM3 4.3v7.4c0 1 2.2 1.8 5 1.8s5-.8 5-1.8V4.3"),
    // A cloud.
    ("AWS", "M4.6 12.5h6.8a2.6 2.6 0 0 0 .5-5.15A4 4 0 0 0 4.2 6.5a3 3 0 0 0 .4 6z"),
];

//! Given names and their usual short forms.

/// Each line: one given name and what people make of it.
const NICKNAMES: [&str; 44] = [
    "william bill will billy",
    "robert bob rob bobby robbie",
    "richard dick rick richie",
    "michael mike mick micky mikey",
    "james jim jimmy jamie",
    "john jack johnny",
    "joseph joe joey",
    "thomas tom tommy",
    "charles charlie chuck",
    "edward ed eddie ted ned",
    "theodore ted teddy theo",
    "daniel dan danny",
    "david dave",
    "donald don donny",
    "andrew andy drew",
    "anthony tony",
    "benjamin ben benny",
    "bernard bernie",
    "christopher chris kit",
    "christine chris chrissy",
    "elizabeth liz beth betty lizzie eliza",
    "katherine kate kathy katie kathryn catherine cathy",
    "margaret maggie peggy meg",
    "patricia pat patty trish",
    "patrick pat paddy",
    "deborah debbie deb debra",
    "jennifer jen jenny",
    "jessica jess jessie",
    "rebecca becky",
    "susan sue suzie",
    "victoria vicky",
    "alexander alex sandy sasha",
    "alexandra alex sandra sasha",
    "samuel sam sammy",
    "samantha sam",
    "stephen steve steven",
    "matthew matt",
    "gregory greg",
    "jeffrey jeff geoffrey geoff",
    "kenneth ken kenny",
    "lawrence larry laurence",
    "nicholas nick nicky",
    "ronald ron ronnie",
    "timothy tim timmy",
];

/// Whether two folded given names can be one name.
pub(in crate::analysis) fn same(a: &str, b: &str) -> bool {
    let listed = |line: &str, name: &str| line.split(' ').any(|other| other == name);
    NICKNAMES.iter().any(|line| listed(line, a) && listed(line, b))
}

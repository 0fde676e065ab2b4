"""Text of others' (messages, source lines, what actors print) as one line of ASCII."""


def plain_text(text: str) -> str:
    """Tabs as spaces; what is no printable ASCII escaped as in a Python string."""
    return "".join(
        one if " " <= one <= "~" else one.encode("unicode_escape").decode()
        for one in text.expandtabs(8)
    )

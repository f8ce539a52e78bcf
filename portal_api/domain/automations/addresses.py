"""Which addresses of the network are inside: nothing is ever sent there, whatever name leads to them."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
"""IPv6 addresses that end in the IPv4 address they lead to."""


def is_inside(text: str) -> bool:
    """Whether an address is private, of this machine, of this link, reserved or for many: not plainly one outside."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and (embedded := _embedded(address)):
        return _is_inside(embedded)
    return _is_inside(address)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for, if it stands for one."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if any(address in network for network in _TRANSLATED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _is_inside(address: IPv4Address | IPv6Address) -> bool:
    is_of_site = isinstance(address, IPv6Address) and address.is_site_local
    return not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified or is_of_site

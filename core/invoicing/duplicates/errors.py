"""What is refused of bills' files."""

from core.kernel.errors import DomainError


class NotABill(DomainError):
    """{number} is not a supplier's bill; name one like BILL-00042."""

    zh = "{number} 不是供应商账单；请使用类似 BILL-00042 的编号。"


class FileUnusable(DomainError):
    """{name} has {size} bytes; a file is not empty and has at most {most}."""

    zh = "{name} 为 {size} 字节；文件不能为空且不得超过 {most} 字节。"


class FileAttached(DomainError):
    """{number} has this very file already."""

    zh = "{number} 已附有同一文件。"

"""What cannot be taught, and the way out."""

from core.kernel.errors import DomainError


class NotAWord(DomainError):
    """“{word}” cannot be taught: a word or a few, of up to {most} characters, no number or code."""

    zh = "不能教“{word}”：须为一个词或短语，最多 {most} 个字符，且不是数字或编号。"


class NotTeachable(DomainError):
    """“{word}” keeps its meaning, because decisions or grammar hang on it; use another word."""

    zh = "“{word}”的含义不能更改，因为决定和语法都依赖它；请换一个词。"


class AlreadyTaught(DomainError):
    """“{word}” means “{meaning}” already; forget it first, and teach it again."""

    zh = "“{word}”已表示“{meaning}”；请先让我忘记它，再重新教。"


class UnknownWord(DomainError):
    """Nobody taught “{word}”; “my words” lists what was taught."""

    zh = "没有人教过“{word}”；说“我的词语”可列出已教的词。"


class UnknownVerified(DomainError):
    """There is no confirmed question “{said}” of yours; “my words” lists them."""

    zh = "您没有已确认的问题“{said}”；说“我的词语”可列出。"


class TooMuchTaught(DomainError):
    """You have taught {most} of these, which are as many as one can; forget some first."""

    zh = "您已教过 {most} 个，达到上限；请先让我忘记一些。"

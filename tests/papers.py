"""Reads a PDF as somebody does who holds it: the words on its pages, and the code printed on the last."""

import pypdfium2
import zxingcpp

SHARP = 3
"""How many pixels a point of the page becomes: what a telephone sees of it."""


def words(pdf: bytes) -> str:
    """All words of a PDF, with single spaces between them."""
    with pypdfium2.PdfDocument(pdf) as document:
        texts: list[str] = []
        for page in document:
            text = page.get_textpage()
            texts.append(text.get_text_range())
            text.close()
            page.close()
    return " ".join(" ".join(texts).split())


def codes(pdf: bytes) -> list[str]:
    """What the codes on the last page of a PDF lead to."""
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[len(document) - 1]
        picture = page.render(scale=SHARP, grayscale=True)
        bytes_ = bytes(picture.buffer)
        rows = [bytes_[y * picture.stride : y * picture.stride + picture.width] for y in range(picture.height)]
        pixels = memoryview(b"".join(rows)).cast("B", shape=[picture.height, picture.width])
        picture.close()
        page.close()
    return [found.text for found in zxingcpp.read_barcodes(pixels)]

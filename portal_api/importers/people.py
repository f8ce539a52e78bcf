"""Invented people: names of many languages, and addresses at a domain that can reach nobody."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random
from typing import NamedTuple

from portal_api.queries.folding import fold

_NOT_A_LETTER = re.compile(r"[^a-z]+")
_UNFOLDED = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
"""Letters that stay whole when their accents are stripped."""


class Name(NamedTuple):
    """A name as its bearer writes it, and in the letters of an e-mail address."""

    written: str
    latin: str


@dataclass(frozen=True, slots=True)
class Language:
    """Names that go together; `share` is how often they come, against the other languages."""

    share: int
    given: tuple[Name, ...]
    family: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    given_name: str
    family_name: str
    email: str

    @property
    def full_name(self) -> str:
        return f"{self.given_name} {self.family_name}"


class Inventor:
    """Invents people, the same ones in each run that starts from the same seed."""

    def __init__(self, seed: int, domain: str) -> None:
        """Takes a domain that is reserved for examples."""
        self._random = Random(seed)
        self._domain = domain

    def person(self, ref: str) -> Person:
        """Somebody new; the reference makes their address one of its own."""
        languages, shares = _languages()
        language = self._random.choices(languages, cum_weights=shares)[0]
        given, family = self._random.choice(language.given), self._random.choice(language.family)
        return Person(given.written, family.written, self.address(f"{given.latin}.{family.latin}", ref))

    def address(self, name: str, ref: str) -> str:
        """An e-mail address that the reference makes one of its own."""
        return f"{name}.{ref.lower()}@{self._domain}"


def _names(text: str) -> tuple[Name, ...]:
    """Names separated by commas; one that the Latin alphabet does not write is followed by a slash and its reading."""
    names: list[Name] = []
    for each in text.split(","):
        written, _, latin = " ".join(each.split()).partition("/")
        names.append(Name(written, _NOT_A_LETTER.sub("", fold(latin or written).translate(_UNFOLDED))))
    return tuple(names)


@cache
def _languages() -> tuple[tuple[Language, ...], tuple[int, ...]]:
    languages = tuple(Language(share, _names(given), _names(family)) for share, given, family in _WRITTEN)
    return languages, tuple(accumulate(language.share for language in languages))


_WRITTEN = (
    (
        40,
        """Alice, Amelia, Andrew, Anthony, Barbara, Beatrice, Benjamin, Bridget, Caroline, Charles, Charlotte, Chloe,
        Christopher, Clara, Colin, Daisy, Daniel, Deborah, Dorothy, Edward, Eleanor, Elizabeth, Emily, Florence, Frances,
        Frederick, Gemma, Geoffrey, George, Georgia, Grace, Graham, Hannah, Harriet, Harry, Hazel, Heather, Henry, Imogen,
        Isaac, Jack, Jacob, James, Jasmine, Jennifer, Jessica, Joan, Jonathan, Joseph, Joyce, Judith, Katherine, Laura,
        Leonard, Lewis, Lily, Lucy, Margaret, Martin, Matthew, Maureen, Nancy, Nicholas, Nigel, Oliver, Olivia, Oscar,
        Patrick, Penelope, Peter, Philippa, Rachel, Ralph, Rebecca, Robert, Roger, Rosemary, Rupert, Ruth, Samuel, Sarah,
        Simon, Stella, Susan, Theodore, Thomas, Timothy, Victoria, Walter, William, Winifred, Zoë, Anne-Marie, Mary-Jane""",
        """Abbott, Appleby, Archer, Ashworth, Atkinson, Bailey, Barker, Baxter, Bennett, Blackwood, Bradshaw, Brooks,
        Brown, Buckley, Butler, Carter, Chapman, Clarke, Coleman, Cooper, Crawford, Dawson, Dixon, Eastwood, Elliott,
        Fairbairn, Fielding, Fletcher, Foster, Fowler, Gardner, Gibson, Goodwin, Greenwood, Hadley, Hammond, Harper,
        Hartley, Hawkins, Hayward, Holloway, Hudson, Hughes, Jackson, Jarvis, Kendall, Kirkby, Lambert, Langley, Lawson,
        Lowe, Marsden, Marshall, Mercer, Middleton, Moorhouse, Nash, Newton, Norris, Osborne, Parker, Pearson, Pemberton,
        Preston, Quigley, Ramsbottom, Reynolds, Rhodes, Rowley, Sanderson, Saunders, Shepherd, Simpson, Slater, Spencer,
        Stafford, Sutcliffe, Tanner, Thornton, Turner, Underwood, Vickers, Walker, Walsh, Warburton, Weston, Whitaker,
        Wilkinson, Winterbottom, Woodhouse, Wright, Yates, Lloyd-Jones, Smythe-Hill""",
    ),
    (
        6,
        """Aoife, Caoimhe, Cillian, Ciarán, Deirdre, Éamonn, Eilidh, Fionn, Gráinne, Hamish, Iain, Mairéad, Niamh, Oisín,
        Órla, Pádraig, Róisín, Ruairí, Saoirse, Seán, Sinéad, Siobhán, Angharad, Carys, Dafydd, Ffion, Gwenllian, Siân""",
        """Ó Briain, Ní Dhomhnaill, O'Connor, O'Sullivan, Mac Giolla, McAllister, McCarthy, MacLeòid, Gallagher, Brennan,
        Kavanagh, Fraser, Drummond, Sinclair, Morgan, ap Rhys, Llewellyn, Pryce, Gwyn, Tudur""",
    ),
    (
        4,
        """Amélie, Aurélien, Benoît, Céline, Chloé, Élodie, Étienne, Eugénie, François, Geneviève, Gaël, Inès, Jérôme,
        Joëlle, Léa, Loïc, Maëlys, Mathéo, Noémie, Océane, Raphaël, Sébastien, Théo, Zélie""",
        """Lefèvre, Lévêque, Beauchêne, Château, Delacroix, Desprès, Dubois, Fournier, Garçon, Guérin, Hébert, L'Écuyer,
        Mercier, Noël, d'Aubigné, Pelletier, Rivière, Saint-Étienne, Thévenot, Vallée""",
    ),
    (
        4,
        """Anneliese, Björn, Dörte, Friederike, Günther, Hannelore, Jörg, Jürgen, Käthe, Lothar, Lukas, Mareike, Niklas,
        Petra, Rüdiger, Sabine, Sören, Ulrike, Wiebke, Xaver""",
        """Bäcker, Brüggemann, Fuß, Großmann, Hässler, Hübner, Jäger, Köhler, Krüger, Löwe, Müller, Nußbaum, Pröll,
        Schäfer, Schröder, Strauß, Tröger, von der Heide, Weiß, Zöllner""",
    ),
    (
        4,
        """Åsa, Ævar, Birgitta, Bjørn, Eydís, Göran, Guðrún, Håkon, Ingrid, Jóhannes, Kjersti, Lærke, Märta, Øyvind,
        Ragnheiður, Signe, Søren, Torbjörn, Þóra, Ylva""",
        """Ångström, Bjørnstad, Dahl, Eriksdóttir, Friðriksson, Grønlund, Hånell, Jørgensen, Kjær, Lindqvist, Mäkinen,
        Nyström, Ødegård, Pettersen, Rasmussen, Sjöberg, Sørensen, Vestergård, Virtanen, Þorsteinsson""",
    ),
    (
        5,
        """Agnieszka, Bartłomiej, Bożena, Dobromiła, Grażyna, Jiří, Kateřina, Łucja, Łukasz, Małgorzata, Michał, Ondřej,
        Paweł, Radosław, Růžena, Stanisław, Šárka, Tomáš, Věra, Zdeněk""",
        """Błaszczyk, Černý, Dąbrowska, Dvořák, Gałązka, Hájková, Jabłońska, Kowalczyk, Łuczak, Mišković, Novák, Ożóg,
        Pospíšil, Růžička, Śliwa, Šťastný, Wójcik, Żak, Zieliński, Žižková""",
    ),
    (
        5,
        """Adrián, Begoña, Concepción, Débora, Esperança, Gonçalo, Héctor, Iñaki, João, José, Lucía, Luís, María José,
        Martín, Mónica, Núria, Raúl, Sofía, Ximena, Zulmira""",
        """Álvarez, Araújo, Assunção, de la Cruz, Conceição, Domínguez, Estévez, Fernández, Gonçalves, Gutiérrez, Ibáñez,
        Jiménez, Magalhães, Muñoz, Núñez, Peña, Quiñones, Ríos, Simões, Vázquez""",
    ),
    (
        3,
        """Ayşe, Çağla, Deniz, Emre, Gökçe, Gül, Işıl, İbrahim, Kağan, Müge, Nurşen, Oğuz, Özlem, Şebnem, Tuğba, Ümit""",
        """Aydın, Bayraktar, Çelik, Demirtaş, Erdoğmuş, Gündüz, Işık, İnönülü, Karadağ, Öztürk, Şahin, Türkoğlu, Yıldız""",
    ),
    (
        3,
        """Ánh, Bảo, Chi, Đức, Hạnh, Hiếu, Khánh, Lệ, Mai, Ngọc, Phương, Quỳnh, Thảo, Tiến, Tuấn, Vy""",
        """Bùi, Đặng, Đỗ, Hoàng, Huỳnh, Lê, Ngô, Nguyễn, Phạm, Phan, Trần, Trịnh, Võ, Vũ""",
    ),
    (
        3,
        """Αλέξανδρος/Alexandros, Βασιλική/Vasiliki, Γεωργία/Georgia, Δημήτρης/Dimitris, Ελένη/Eleni, Ζωή/Zoi,
        Θεόδωρος/Theodoros, Ιωάννα/Ioanna, Κωνσταντίνος/Konstantinos, Μαρία/Maria, Νίκος/Nikos, Σοφία/Sofia""",
        """Αντωνίου/Antoniou, Βλάχος/Vlachos, Γεωργίου/Georgiou, Δημητρίου/Dimitriou, Κωστόπουλος/Kostopoulos,
        Λάμπρου/Lamprou, Νικολάου/Nikolaou, Παπαδάκης/Papadakis, Σταύρου/Stavrou, Χατζής/Chatzis""",
    ),
    (
        4,
        """Алёна/Alyona, Богдан/Bohdan, Вера/Vera, Дмитрий/Dmitry, Євген/Yevhen, Елена/Elena, Ірина/Iryna, Оксана/Oksana,
        Людмила/Lyudmila, Микола/Mykola, Наталья/Natalya, Ольга/Olga, Павел/Pavel, Фёдор/Fyodor, Юлия/Yulia, Ярослав/Yaroslav""",
        """Бондаренко/Bondarenko, Волков/Volkov, Гончарук/Honcharuk, Журавлёв/Zhuravlyov, Зайцев/Zaitsev, Іваненко/Ivanenko,
        Королёв/Korolyov, Лысенко/Lysenko, Морозов/Morozov, Петренко/Petrenko, Соловьёв/Solovyov, Ткачук/Tkachuk,
        Шевчук/Shevchuk, Щербаков/Shcherbakov""",
    ),
    (
        4,
        """伟/Wei, 芳/Fang, 娜/Na, 秀英/Xiuying, 静/Jing, 磊/Lei, 强/Qiang, 洋/Yang, 艳/Yan, 杰/Jie, 丽华/Lihua, 明/Ming""",
        """王/Wang, 李/Li, 张/Zhang, 刘/Liu, 陈/Chen, 杨/Yang, 赵/Zhao, 黄/Huang, 周/Zhou, 吴/Wu, 徐/Xu, 欧阳/Ouyang""",
    ),
    (
        3,
        """さくら/Sakura, 美咲/Misaki, 陽菜/Hina, 健太/Kenta, 翔/Sho, 大輔/Daisuke, ゆうこ/Yuko, 直樹/Naoki, 真由美/Mayumi, 蓮/Ren""",
        """佐藤/Sato, 鈴木/Suzuki, 高橋/Takahashi, 田中/Tanaka, 渡辺/Watanabe, 伊藤/Ito, 山本/Yamamoto, 中村/Nakamura, 小林/Kobayashi""",
    ),
    (
        2,
        """민준/Minjun, 서연/Seoyeon, 지우/Jiwoo, 하은/Haeun, 도윤/Doyoon, 예은/Yeeun, 현우/Hyunwoo, 수빈/Subin""",
        """김/Kim, 이/Lee, 박/Park, 최/Choi, 정/Jung, 강/Kang, 윤/Yoon, 남궁/Namgung""",
    ),
    (
        4,
        """أحمد/Ahmad, آمنة/Amina, خالد/Khalid, زينب/Zaynab, سلمى/Salma, عمر/Umar, فاطمة/Fatima, ليلى/Layla, محمد/Muhammad,
        مريم/Maryam, نور/Nour, يوسف/Yusuf""",
        """البغدادي/Albaghdadi, الحداد/Alhaddad, الخطيب/Alkhatib, الشامي/Alshami, المصري/Almasri, النجار/Alnajjar,
        حسين/Hussein, سعيد/Said, عباس/Abbas, منصور/Mansour""",
    ),
    (
        4,
        """अदिति/Aditi, अर्जुन/Arjun, इशान/Ishan, कविता/Kavita, दीपक/Deepak, नेहा/Neha, प्रिया/Priya, मोहन/Mohan, रोहित/Rohit, सुनीता/Sunita""",
        """अग्रवाल/Agrawal, गुप्ता/Gupta, चौधरी/Chaudhary, जोशी/Joshi, पटेल/Patel, मिश्रा/Mishra, वर्मा/Varma, शर्मा/Sharma, सिंह/Singh""",
    ),
    (
        4,
        """Adébáyọ̀, Chidi, Chiọma, Fọláṣadé, Ìfẹ́olúwa, Kẹ́hìndé, Ngọzi, Olúwaṣeun, Tèmítọ́pẹ́, Ụzọma, Aroha, Hēmi, Kahurangi,
        Māia, Ngāio, Tāne, Wiremu, Whētu""",
        """Adéwálé, Afọlábí, Ìgè, Nwachukwu, Okafọ, Ọlátúnjí, Ọ̀ṣọ́, Ụkachukwu, Herangi, Kāwhia, Ngāpuhi, Parātene, Tūroa,
        Wharepapa""",
    ),
)
"""Each language's share, given names and family names."""

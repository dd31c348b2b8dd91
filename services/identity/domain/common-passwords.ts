/**
 * The commonest passwords of at least eight characters, in lower case: shorter ones are refused by their length.
 * Source: our own selection from what published counts of leaked passwords have in common.
 */

const numbers = `
  00000000 000000000 0000000000 01010101 01011980 01011990 01012000 01012010 01012011 0123456789 0987654321 10101010 102030405060
  1029384756 11111111 111111111 1111111111 11112222 111222333 111222333444 11223344 1122334455 112233445566 11235813 1123581321
  11112345 12121212 1212121212 12123434 12131415 123123123 123123123123 123321123 12341234 123412345 12344321 1234512345 12345432
  1234554321 123454321 123456123 123456123456 123456654321 12345678 123456780 12345678910 1234567891 123456789 1234567890 12345678900
  1234567890123 123456789101112 1234567899 12345679 123456987 1234567654321 123654789 123698745 12369874 124578963 13131313 1357924680
  13579135 135792468 14141414 141421356 14725836 147258369 1472583690 147852369 147896325 14789632 15151515 159159159 159357159
  159357258 159753456 159753258 159753159753 16161616 17171717 18181818 19191919 192837465 1928374650 19801980 19821982 19841984
  19851985 19861986 19871987 19881988 19891989 19901990 19911991 19921992 19931993 19941994 19951995 19961996 20002000 20012001
  20102010 20112011 20122012 20202020 20232023 20242024 20252025 21122112 21212121 22222222 222222222 2222222222 22334455 22446688
  23232323 23456789 234567890 24242424 2468101214 24681012 25252525 25802580 258456258 27182818 31313131 31415926 314159265 32323232
  32165498 321321321 321654987 33333333 333333333 34343434 36363636 369258147 42424242 43214321 44444444 444444444 45454545
  456123789 456456456 456789123 4815162342 51505150 52525252 55555555 555555555 5555555555 55667788 56565656 65432100 654321654321
  66666666 666666666 67676767 69696969 741852963 7418529630 74108520 75757575 753951852 753159456 77777777 777777777 7777777777
  78787878 78945612 789456123 7894561230 789789789 852456963 85208520 86868686 87654321 876543210 88888888 888888888 8888888888
  89898989 963852741 9638527410 98765432 987456321 987654321 9876543210 987654321987 98989898 99887766 99999999 999999999 9999999999
  112112112 121212121 123789456 142536475869 145632789 147147147 21436587 258258258 369369369 456654456 5201314520 7758521521`

const keys = `
  qwertyui qwertyuio qwertyuiop qwertyuiop123 qwertyuiop[] qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 qwerty321 qwerty01
  qwerty11 qwerty69 qwerty77 qwerty99 qwerty00 qwerty123! qwerty1! qwerty1? qwerty123? qwertyqwerty qwertyasdf qwertyas qwertzui
  qwertzuiop qwertz123 azertyui azertyuiop azerty123 azerty12 qweasdzxc qweasdzxc123 qweasd123 qweqwe123 qweqweqwe qwe123456 qwe123qwe
  qweasdqwe qwer1234 qwer12345 qwer4321 qwerasdf qwerqwer qwerasdfzxcv qwert123 qwert12345 qwert1234 asdfghjk asdfghjkl asdfghjkl;
  asdfghjkl1 asdfghjkl123 asdfasdf asdfjkl; asdf1234 asdf12345 asdf4321 asdfqwer asdfzxcv asdasd123 asdasdasd asd123456 asd123asd
  asdqwe123 asdfgh123 asdfg123 asdfg12345 asdfgh12 asdfgh01 zxcvbnm1 zxcvbnm123 zxcvbnm, zxcvbnm12 zxcvzxcv zxcv1234 zxcasdqwe
  zxcasdqwe123 zxczxczxc zxc123456 zxc123zxc zxcvb123 zaqwsxcde zaq12wsx zaq1zaq1 zaq1xsw2 zaq1@wsx zaqxswcde zaqzaqzaq xswzaq12
  zag12wsx 1q2w3e4r 1q2w3e4r5 1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r! 1q2w3easd 1qaz2wsx 1qaz2wsx3edc 1qaz2wsx3edc4rfv
  1qaz@wsx 1qaz!qaz 1qaz1qaz 1qazxsw2 1qazzaq1 1qaz2wsx! 1qw23er4 12qw34er 12qwaszx 12qwasyx 123qweasd 123qweasdzxc 123qwe123
  123qwe456 123qwe!@# 123qweqwe 1234qwer 1234asdf 1234zxcv 1234rewq 12345qwert 12345qwer 12345qwe 123456qwe 123456qwerty 123456asd
  1a2b3c4d 1a2s3d4f 1z2x3c4v 1w2q3r4e 1g2w3e4r 2wsx3edc 2wsxcde3 3edc4rfv 3rjs1la7qe q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 q1q1q1q1
  q2w3e4r5 qaz12345 qaz123wsx qaz123456 qazqazqaz qazwsx12 qazwsx123 qazwsxedc qazwsxedc123 qazwsxedcrfv qazxswedc qazxswed qazxsw21
  qawsedrf qawsedrftg w2e3r4t5 wsxedcrf poiuytre poiuytrewq poiuytrew lkjhgfds lkjhgfdsa mnbvcxza mnbvcxz1 0o9i8u7y 0okm9ijn
  a1b2c3d4 a1b2c3d4e5 a1s2d3f4 a1s2d3f4g5 abcd1234 abcd12345 abcd4321 abc12345 abc123456 abc123abc abc123!@# abcabc123 abcdefgh
  abcdefg1 abcdefg123 abcdefghi abcdefghij abcdef123 abcde123 abcde12345 abcdabcd aa123456 aa123456789 aa112233 aa123123 aaa111222
  aaaaaaaa aaaaaaa1 aaaaaaaaa aaaaaaaaaa aaaa1111 aaa12345 aaaa1234 a1234567 a12345678 a123456789 a1234567890 a12345678910 aabbccdd
  asasasas bbbbbbbb cccccccc dddddddd ffffffff gggggggg hhhhhhhh jjjjjjjj kkkkkkkk llllllll mmmmmmmm nnnnnnnn pppppppp qqqqqqqq
  qqqqqqqqqq rrrrrrrr ssssssss tttttttt vvvvvvvv wwwwwwww xxxxxxxx yyyyyyyy zzzzzzzz qq123456 qq123456789 qqqq1111 qq112233 ww123456
  as123456 as12345678 zz123456 xx123456 z1x2c3v4 z123456789 z1234567 s1234567 q1234567 q123456789 q12345678 p1234567 m1234567 123456aa
  123456ab 123456abc 12345abc 1234abcd 12345678a 12345678q 123456789a 123456789q 123456789z 1234567a 1234567q 1234567890a 1234567890q
  a11111111 123123aa 123123qwe 123abc123 123abc456 !qaz2wsx !qaz1qaz !@#$%^&* !qazxsw2 @wsx3edc ghbdtnbr cjkysirj rfnthbyf fktrcfylh`

const words = `
  password password1 password12 password123 password1234 password12345 password123456 passw0rd p@ssw0rd p@ssword p@55w0rd pa$$word pa$$w0rd pa55word pass1234 pass12345 pass123456 passpass passport passwort
  passwords password! mypassword mypass123 password00 password11 password69 password77 password88 password99 password321 password2
  password3 password4 password5 password7 password9 passwordpassword p4ssword p4ssw0rd passw0rd1 passw0rd! p@ssw0rd1 p@ssw0rd123 pass@123
  pass@word pass@word1 passer123 motdepasse contrasena contrasenia wachtwoord hasloheslo senha123 senha1234 parola123 sifre123
  letmein1 letmein! letmein123 letmein12 letmeinn welcome1 welcome12 welcome123 welcome01 welcome! welcome@123 willkommen bienvenue
  changeme changeme1 changeme123 changeit administrator admin123 admin1234 admin12345 admin123456 admin@123 adminadmin admin2024 root1234
  rootroot toor1234 user1234 username test1234 test12345 test123456 testtest tester12 testing1 testing123 test@123 guest123 default1
  temp1234 temporary secret123 secret12 mysecret topsecret login123 loginlogin access14 accessme letmepass demo1234 demodemo sample123
  iloveyou iloveyou1 iloveyou2 iloveyou12 iloveyou123 iloveyou! iloveyou3 iloveyou7 iloveyou22 iloveu123 iloveu12 ilovegod ilovejesus
  ilovehim ilovemom ilovemyself iloveme1 iloveme2 ilovesex ilovelove loveyou1 loveyou2 loveme123 loveme12 lovelove lovelove1 loveforever
  lovers12 lover123 mylove12 mylove123 truelove onelove1 loverboy lovergirl teamo123 tequiero amoremio mahalkita mahal123 woaini1314
  woaini520 woaini123 5201314a jetaime1 tiamo123 tiamotiamo mamapapa mamamama papapapa mommy123 daddy123 family123 babygirl babygirl1
  babygirl12 babyboy1 babydoll babylove princess princess1 princess12 princess123 prince123 princesa princesse queen123 sunshine sunshine1
  sunshine12 sunshine123 moonlight starlight sunflower sunflowers rainbow1 rainbow123 butterfly butterfly1 butterflies flower12 flower123
  flowers1 football football1 football12 football123 football10 baseball baseball1 baseball12 baseball123 basketball basketball1 softball
  softball1 volleyball softball12 soccer10 soccer11 soccer12 soccer13 soccer123 hockey12 hockey123 cheerleader swimming gymnastics
  superman superman1 superman12 superman123 batman123 batman12 spiderman spiderman1 spiderman123 ironman1 ironman123 avengers starwars
  starwars1 startrek pokemon1 pokemon12 pokemon123 pikachu1 pikachu123 naruto12 naruto123 sasuke12 minecraft minecraft1 minecraft123
  fortnite fortnite1 roblox123 nintendo playstation xbox360a warcraft starcraft counterstrike callofduty leagueoflegends dragonball
  dragonballz dragon12 dragon123 dragons1 monkey12 monkey123 monkey01 monkey11 monkeys1 tiger123 tigger12 tigger123 kitty123 hellokitty
  kittycat kittykat doggy123 puppy123 chicken1 chicken123 elephant dolphin1 dolphins penguin1 penguins butterfl squirrel scorpion
  scorpio1 shadow12 shadow123 shadow01 master12 master123 master01 killer12 killer123 ninja123 hunter12 hunter123 warrior1 warriors
  assassin predator terminator undertaker johncena rockstar rockstar1 rocknroll metallica metallica1 slipknot slipknot1 nirvana1
  eminem123 greenday blink182 linkinpark beatles1 beyonce1 rihanna1 onedirection justinbieber bieber123 michael1 michael12 michael123
  michael2 michaeljackson jordan23 jordan12 jordan123 jordan01 jessica1 jessica123 jessica12 jennifer jennifer1 michelle michelle1
  michelle12 samantha samantha1 stephanie elizabeth elizabeth1 christian christian1 christina christine christopher alexander alexander1
  alexandra alexander12 alejandro alejandra fernando fernanda veronica valentina valentin gabriela gabriella isabella isabella1 victoria
  victoria1 danielle danielle1 daniela1 daniel12 daniel123 daniel01 anthony1 anthony123 anthony12 andrew12 andrew123 andrea123 andreas1
  matthew1 matthew123 joshua12 joshua123 joshua01 jonathan jonathan1 benjamin benjamin1 nicholas nicholas1 william1 william123 brandon1
  brandon123 brandon12 charlie1 charlie12 charlie123 charlie2 charlotte charles1 richard1 robert12 robert123 thomas12 thomas123 ashley12
  ashley123 amanda12 amanda123 hannah12 hannah123 nicole12 nicole123 taylor12 taylor13 taylor123 maggie12 buster12 ginger12 pepper12
  pepper123 cookie12 cookie123 cookies1 chocolate chocolate1 chocolat strawberry blueberry pineapple banana12 banana123 bananas1 orange12
  orange123 apple123 peanut12 peanut123 popcorn1 icecream cupcake1 cupcakes cheese12 cheese123 pumpkin1 purple12 purple123 yellow12
  yellow123 silver12 silver123 golden12 diamond1 diamonds diamond123 crystal1 platinum midnight midnight1 darkness darkside summer12
  summer123 summer01 summer2020 summer2021 summer2022 summer2023 summer2024 summer2025 winter12 winter123 winter2020 winter2021 winter2022
  winter2023 winter2024 winter2025 spring2020 spring2021 spring2022 spring2023 spring2024 spring2025 autumn123 january1 february november
  december september october1 october10 saturday thursday wednesday birthday christmas holidays halloween valentine newyork1 newyork123
  lasvegas california hollywood chicago1 boston123 london123 london12 paris123 berlin123 amsterdam barcelona barcelona1 realmadrid
  madrid123 juventus juventus1 manchester manutd123 manunited liverpool liverpool1 liverpool123 arsenal1 arsenal123 chelsea1 chelsea123
  chelsea12 everton1 rangers1 celtic88 celtic1888 steelers steelers1 cowboys1 cowboys12 eagles12 patriots patriots1 yankees1 yankees2
  lakers24 lakers123 redskins dolphins1 raiders1 packers1 packers12 broncos1 bulldogs bulldog1 wildcats panthers panther1 mustang1
  mustangs corvette mercedes mercedes1 ferrari1 ferrari123 porsche1 porsche911 lamborghini yamaha123 kawasaki suzuki123 toyota123 honda123
  harley12 harley123 harleydavidson chevrolet chevelle mitsubishi samsung1 samsung12 samsung123 iphone123 android1 nokia123 blackberry
  motorola microsoft windows1 windows10 internet internet1 computer computer1 computer12 computer123 facebook facebook1 facebook123
  google123 google12 youtube1 youtube123 instagram snapchat myspace1 myspace123 hotmail1 hotmail123 yahoo123 gmail123 linkedin
  freedom1 freedom12 freedom123 america1 canada123 pakistan pakistan1 pakistan123 india123 indonesia malaysia philippines australia
  singapore portugal deutschland germany1 espana123 mexico123 brasil123 colombia argentina venezuela jesus123 jesus777 jesuschrist
  jesus4ever jesuslovesme godisgood godisgreat godislove blessed1 blessing blessings grace123 heaven12 heaven123 angel123 angel12345
  angels12 angelica angelina bismillah allahuakbar allah123 muhammad mohammed krishna123 ganesh123 sairam123 shalom12 christ12
  trustno1 trustme1 whatever whatever1 nothing1 something anything everything somebody forever1 forever21 forever2 together friends1
  friends4ever bestfriend friendship happy123 happyday happiness smile123 beautiful beautiful1 gorgeous sexygirl sexybitch hotstuff
  fuckyou1 fuckyou12 fuckyou123 fuckyou2 fuckyou! fuckyou69 fuckoff1 fuckfuck bullshit asshole1 assholes bitch123 biteme12 dickhead
  motherfucker pussy123 pussycat cumshot1 bigdaddy bigdaddy1 badboy12 badgirl1 cutiepie sweetheart sweetie1 sweetpea honey123 honeybee
  honeybunch darling1 handsome playboy1 player12 gangsta1 thuglife westside eastside northside southside skateboard skater12 snowboard
  marlboro budweiser guinness heineken corona12 jackdaniels tequila1 cocacola cocacola1 coca-cola pepsi123 redbull1 drpepper snickers
  skittles garfield snoopy12 scoobydoo spongebob spongebob1 mickey12 mickeymouse tinkerbell tweety12 bugsbunny winnie12 poohbear poohbear1
  hello123 hello1234 hello12345 helloworld hello2024 hellohello hallo123 hallo1234 hallohallo schatz123 sommer123 sommer2024 fussball
  schalke04 bayern123 borussia frankfurt hamburg1 ficken123 passwort1 passwort123 arschloch schatzi1 sternchen schmetterling geheim123
  computer! internet123 marseille azerty1234 doudou123 soleil123 loulou123 chouchou nicolas1 camille1 juliette hesoyam123 blahblah blahblah1
  lollipop lollipop1 lalalala hahahaha hahaha123 nananana blabla123 lol12345 lol123456 lollol123 abracadabra opensesame swordfish mandrake
  jackass1 juggalo1 harrypotter hermione dumbledore twilight twilight1 vampire1 zombie123 godzilla kingkong gandalf1 legolas1 sauron12
  excalibur valkyrie phoenix1 phoenix123 thunder1 thunder12 lightning firebird fireball firefly1 snowball snowflake snowman1 blizzard
  waterfall mountain mountains paradise paradise1 fantasia infinity eternity universe galaxy123 jupiter1 mercury1 neptune1 saturn12
  target123 unknown1 tinkle12 gwerty123 myspace12 dearbook1 indya123 111222tianya g_czechout cambiami1 maverick maverick1 cheyenne
  scooter1 scooter12 rainbow12 snickers1 remember remember1 success1 success123 champion champion1 champions victory1 winner12 winner123
  money123 money12345 dollars1 million1 millionaire business business1 marketing engineer engineer1 scientist student1 student123 teacher1
  school123 college1 university graduate security security1 security123 welcome2 welcome3 qwerty2024 qwerty2023 marina123 natasha1
  nastya123 vladimir sergey123 dmitriy1 alexey123 svetlana kristina kristina1 ekaterina anastasia anastasia1 aleksandr alexandr aleksandra`

/** Membership of the list. Look up lower-case text. */
export const commonPasswords: ReadonlySet<string> = new Set(`${numbers} ${keys} ${words}`.split(/\s+/).filter((word) => word.length >= 8))

//! The usual gender of given names: the common ones of English news, home and abroad. A name that both sexes bear is
//! in neither list.

use super::{Gender, listed};

const FEMININE: &str = "\
    abigail adaeze adele agnes aiko aisha akiko alejandra alexandria alice aliyah amal amanda amara amber \
    amelie amina aminata amy ana ananya anastasia andrea angela anjali ann anna annalena anne annie ashley \
    asma astrid ayanna ayelet ayesha barbara barbra beatrice beatriz benazir beth betsy betty beverly \
    beyonce bidya birgitte brenda brigitte brittany camila camilla camille carly carmen carol carolyn \
    catherine cathy chandrika charlotte chelsea cheryl chiara chimamanda chioma christina christine claire \
    claudia concepcion condoleezza connie corazon cristina cynthia daniela danielle deborah debra deepika \
    delphine denise diana diane dianne dilma divya dolores donatella donna doris dorothy ebony ekaterina \
    elaine elena elise elizabeth ellen emily emma erica erika erin erna esther eugenie evelyn evita farah \
    fatima fatou federica fernanda florence folake frances francesca funmilayo gabriela gail galina \
    gennifer gina giulia gloria golda grace greta gretchen guadalupe hanan hannah haruka hasina heather \
    heidi helen helle hillary hina holly huda huma ilhan imani imelda indira ines ingrid irina isabel \
    isabella ivana ivanka jacinda jacqueline janet janice jayalalithaa jennifer jessica jill jo joan \
    joanna joni joyce judith judy julia julie kamala karen kate katherine kathleen kathryn kathy kavita \
    kayla keiko keisha kellyanne khadija khaleda kimberly kirsten kirstjen kyrsten lakshmi latoya laura \
    lauren layla leila lena linda lindiwe lisa liz lois loretta lori lucia ludmila luisa lynn lynne \
    madeleine maggie malala mamata margaret maria mariana marie marilyn marina marsha martha mary maryam \
    mavis maxine mayawati meera megan meghan megyn mehbooba melania melinda melissa mercedes mette \
    michelle mindy miriam misty molly monica monique muriel nadia naledi nancy nandee naoko naomi natalie \
    natasha nathalie neha ngozi nicola nicole nina nirmala nkosazana nomvula norma oksana olga olive \
    olivia oprah pamela paola patricia patty paula peggy penny phyllis pilar polly pooja priya priyanka \
    rachel rania rashida rebecca rekha rhonda rihanna rita rivka roberta robyn rosa rosario rosemary \
    roxanne ruby ruth sabrina sakura sally salma samantha samira sana sandra sanna sara sarah segolene \
    selina serena shaheen sharon sheila shelley sherry shirley silvia simona simone sirimavo smriti sonia \
    sonya sophia stacey stacy steffi stephanie sunita susan sushma susie suzanne svetlana swati sylvia \
    sylvie tamara tammy tanya tara tatiana teresa thandi thelma theresa thuli tiffany tina titi tracey \
    tracy trisha trudy tulsi tyresha tzipi ursula valentina valerie vanessa venus vera veronica vicky \
    victoria vivian wafa wangari wendy whitney winnie xiaoling yasmin yelena yemi yingluck yoko yolanda \
    yuko yulia yvette yvonne zahra zainab zanele zara zoe";

const MASCULINE: &str = "\
    aaron abdel abdoulaye abdullah adam adlai ahmad ahmed akbar alan alassane albert alberto alejandro \
    alexander alexei ali alistair amit anatoly anders andrei andres andrew angus anil anthony antonio \
    antti anwar ariel arthur arun arvind ashok ashraf asif atal austin avigdor barack barry bashar ben \
    benigno benjamin bernie bill billy binyamin bjorn bob bobby bola boris brad brandon brett brian bruce \
    bryan carl carlos chad charles chris christian christopher chuck cliff clint clive clyde colin cory \
    craig cristiano cyril damodar dan daniel darren david denis dennis derek devin didier dmitry don \
    donald doug douglas duncan dwight dylan earl eduardo edward ehud elijah elon emmanuel emmerson enrique \
    eric erik ethan eugene evo faisal felipe ferdinand fernando fidel floyd francisco francois frank \
    franklin fred freddie frederick fredrik fumio gabriel gareth gary geoff geoffrey george gerald gerard \
    gerhard gilbert giuseppe glen glenn goodluck gordon graham greg gregory guillermo gustavo hamad hamid \
    hamish hardik harold harry hassan helmut henry herbert herman hiroshi homer hosni howard hugh hugo hun \
    hussein ian ibrahim igor imran ira irving isaac ismail ivan jack jacob jacques jagmeet jair james \
    jared jason javad jay jeb jeff jeffrey jens jeremy jerome jerry jesse jesus jim joao joe joel johannes \
    john johnny joko jonathan jorge jose joseph josh joshua josue juan julian julio julius junichiro \
    justin karim karl keir keith kemal ken kenji kenneth keron kevin kgalema khaled khalid kjell kobe kofi \
    koku konstantin kurt kwame kwasi kyle kylian lance larry lars laurent lawrence lebron leo leon leonard \
    leroy lester letu liam lindsey lionel lloyd logan lou louis lucas luigi luis luiz luke lyndon macky \
    magnus mahathir mahmoud malcolm manmohan manuel marc marcio marco marcus mariano mario mark martin \
    marvin matt matteo matthew maurice mauricio max mehmet melvin michael michel miguel mike mikhail \
    milton mitch mitt mohamed mohammad mohammed morgan morris moshe muammar muhammad muhammadu mukesh \
    naftali najib nana narendra nathan nawaz nayib neal ned neil nelson newt neymar nicholas nick nicolas \
    nigel nikolai noah norman novak olaf oleg olivier olof olusegun omar orrin oscar osman otto owen pablo \
    patrick paul pedro perry pervez pete peter petro phil philip pierre prabowo prayut rafa rafael rahul \
    raila raj rajesh rajnath ralph ramesh rand randy rashid raul ravi raymond recep reince rex reza rhys \
    ricardo richard rick ricky rishi robert rodrigo roger rohit roland roman ron ronald ross roy ruben \
    rudy rupert russell sachin saddam saeed salman sam samuel sanjay satya saul scott sean sebastian \
    sebastiao sergei sergey seth shane shaquille shawn shimon shinzo sidney silvio simon spencer stanley \
    stefan stephen steve steven stewart stuart sundar suresh sylvester takeshi tamim taro tayyip ted \
    teodoro terry thabo theodore thomas tiger tim timothy todd tom tommy tony tor travis trevor trey troy \
    tucker tyler ueli uhuru usain vernon vicente victor vijay vikram viktor vincent virat vladimir \
    volodymyr wade wallace walter warren wayne wesley wilbur william willie winston woodrow xi yair \
    yitzhak yoshihide youssef yoweri yuri yusuf zachary zack zlatan zulfiqar";

/// The gender of a folded given name, where most of its bearers share it.
pub(in crate::analysis) fn gender(name: &str) -> Option<Gender> {
    if listed(FEMININE, name) {
        Some(Gender::Feminine)
    } else if listed(MASCULINE, name) {
        Some(Gender::Masculine)
    } else {
        None
    }
}

use casecoder::{*,calibration::*};
fn main(){ let l=Lexicon::check("lexicons".as_ref()).0; let c=Calibrator::load("models/dictionary/calibration.json".as_ref(), &l).unwrap(); let e=Extractor::new(l,c);
 let t=std::env::args().nth(1).unwrap().replace("⏎","\n"); let l=e.lexicon(); let page=text::Page::read(&t,&l.language);
 for s in &page.sentences { println!("S {:?} caps {}", s.span.slice(&t), s.capitals); } for f in &page.forms { println!("F {:?} | {:?} {:?}", page.span(f.question.0,f.question.1).slice(&t), if f.answer.0<f.answer.1 {page.span(f.answer.0,f.answer.1).slice(&t)} else {""}, f.mark); }
 let set=text::PatternSet::new(l.cues.iter().map(|c|&c.pattern),&l.language.vocabulary); for h in set.find(&page,&l.language) { let c=&l.cues[h.pattern as usize]; println!("CUE {:?} {:?} {:?} {:?} <{}>", page.span(h.start,h.end).slice(&t), c.value,c.direction,c.reach,c.text); }
 for p in e.propose(&t) { let c=l.get(p.group.concept); println!("P {} {} {:?} {:?}", c.notation,c.pref_label,p.group.assertion.presence,p.group.candidates.iter().map(|c|(c.evidence.span.slice(&t),l.label(c.evidence.label.unwrap()).text.as_str())).collect::<Vec<_>>()); }
}

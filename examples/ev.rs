use casecoder::{*,calibration::*};
fn main(){ let a:Vec<String>=std::env::args().collect(); let l=Lexicon::check("lexicons".as_ref()).0; let c=Calibrator::load("models/dictionary/calibration.json".as_ref(), &l).unwrap(); let e=Extractor::new(l,c);
 let g:Vec<_>=a[2..].iter().flat_map(|p|eval::gold::read(p.as_ref(), e.lexicon()).unwrap()).collect();
 if a[1]=="fit" { let f=eval::fit::fit(&e,&g,"dictionary","x"); std::fs::write("models/dictionary/calibration.json", serde_json::to_string_pretty(&f.calibration).unwrap()).unwrap(); println!("{:?} {}",f.calibration.pooled,f.calibration.fitted_on.proposals); for (k,v) in &f.calibration.fusion.weights { print!("{k}={v} "); } println!(); return; }
 let r=eval::run(&e,&g); println!("{}",eval::report::text(&r));
 if a[1]=="v" { for (r,g) in r.iter().zip(&g) { println!("== {} {}",r.id,g.note.text.as_str()); for (c,l) in &r.wrong { println!("   WRONG {} {} <{}>",e.lexicon().get(*c).notation,e.lexicon().get(*c).pref_label,l); } for m in &r.missed { let ev:Vec<_>=g.note.codes.iter().zip(&g.concepts).filter(|(_,c)|*c==m).flat_map(|(c,_)|c.evidence.iter().map(|t|t.as_str())).collect(); println!("   MISSED {} {} {:?}",e.lexicon().get(*m).notation,e.lexicon().get(*m).pref_label,ev); } } }
}
